// The page "Fleet".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Fleet" documentTitle="Fleet" />;

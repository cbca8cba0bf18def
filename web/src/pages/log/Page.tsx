// The page "Terminal log".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Terminal log" documentTitle="Terminal log" />;

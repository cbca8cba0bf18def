// The page "People".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="People" documentTitle="People" />;

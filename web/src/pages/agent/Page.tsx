// The page "Agent".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Agent" documentTitle="Agent" />;

// The page "Settings".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Settings" documentTitle="Settings" />;

// The page "Command".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Command" documentTitle="Command" />;

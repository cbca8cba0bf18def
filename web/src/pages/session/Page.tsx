// The page "Session".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Session" documentTitle="Session" />;

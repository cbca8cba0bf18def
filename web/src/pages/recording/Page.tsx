// The page "Recording".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Recording" documentTitle="Recording" />;

// The page "Sessions".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Sessions" documentTitle="Sessions" />;

// The page "Audit".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Audit" documentTitle="Audit" />;

// The page "Keys".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Keys" documentTitle="Keys" />;

// The page "Presets".

import { PageHeader } from "@/ui/PageHeader";

/** See the top of the file. */
export const Page = () => <PageHeader title="Presets" documentTitle="Presets" />;

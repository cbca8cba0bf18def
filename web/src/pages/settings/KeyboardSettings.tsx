// Every key that does something.

import { KeyTables } from "@/app/palette/Keys";
import { Section } from "@/ui/Section";

/** See the top of the file. */
export const KeyboardSettings = () => (
  <Section title="Keyboard" description="On machines of Apple's, Cmd does what Ctrl does here.">
    <KeyTables />
  </Section>
);

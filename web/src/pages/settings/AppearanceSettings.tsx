// Light or dark.

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "@/app/theme";
import { Section } from "@/ui/Section";
import { Segments } from "@/ui/Segments";

const picture = "size-4";

/** See the top of the file. */
export function AppearanceSettings() {
  const { theme, choose } = useTheme();
  return (
    <Section
      title="Appearance"
      description="On this device. Animations follow what the machine is set to."
    >
      <div>
        <Segments
          label="Theme"
          value={theme}
          onChange={choose}
          options={[
            {
              value: "light",
              label: <Choice icon={<Sun aria-hidden className={picture} />} words="Light" />,
            },
            {
              value: "dark",
              label: <Choice icon={<Moon aria-hidden className={picture} />} words="Dark" />,
            },
            {
              value: "system",
              label: (
                <Choice icon={<Monitor aria-hidden className={picture} />} words="As the machine" />
              ),
            },
          ]}
        />
      </div>
    </Section>
  );
}

const Choice = ({ icon, words }: { readonly icon: React.ReactNode; readonly words: string }) => (
  <>
    {icon}
    {words}
  </>
);

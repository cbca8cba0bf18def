// The page "Settings": oneself, this device, and for administrators the server.

import { useMemo } from "react";
import { useMay } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { PreferencesForm } from "@/features/terminal/PreferencesForm";
import { useAddressWord } from "@/ui/address";
import { classes } from "@/ui/classes";
import { SelectField } from "@/ui/Field";
import { PageHeader } from "@/ui/PageHeader";
import { Section } from "@/ui/Section";
import { AppearanceSettings } from "./AppearanceSettings";
import { KeyboardSettings } from "./KeyboardSettings";
import { NotificationSettings } from "./NotificationSettings";
import { ServerSettings } from "./ServerSettings";
import { SECTIONS, type SectionId, type SettingsPlace, sectionOf } from "./sections";
import { WebhookSettings } from "./WebhookSettings";
import { YouSettings } from "./YouSettings";

function Shown({ section }: { readonly section: SectionId }) {
  switch (section) {
    case "you":
      return <YouSettings />;
    case "appearance":
      return <AppearanceSettings />;
    case "terminals":
      return (
        <Section title="Terminals" description="How they look and behave on this device.">
          <PreferencesForm />
        </Section>
      );
    case "notifications":
      return <NotificationSettings />;
    case "keyboard":
      return <KeyboardSettings />;
    case "webhooks":
      return <WebhookSettings />;
    case "server":
      return <ServerSettings />;
  }
}

/** See the top of the file. */
export function Page() {
  const { administer } = useMay();
  const [name, choose] = useAddressWord("section");
  const section = sectionOf(name, administer);
  const places = useMemo(
    () => SECTIONS.filter((place: SettingsPlace) => administer || !place.isForAdministrators),
    [administer],
  );
  const entries = useMemo(
    () =>
      places.map(({ id, label }) => ({
        id: `settings ${id}`,
        label: `Settings: ${label}`,
        group: "This page",
        run: () => choose(id),
      })),
    [places, choose],
  );
  usePaletteEntries(entries);
  const shown = places.find(({ id }) => id === section);
  return (
    <>
      <PageHeader title="Settings" documentTitle={`${shown?.label ?? ""} · Settings`} />
      <div className="flex min-h-0 flex-1 max-sm:flex-col">
        <nav
          aria-label="Settings"
          className="flex w-44 shrink-0 flex-col gap-0.5 border-r bg-surface p-2 max-sm:hidden"
        >
          {places.map(({ id, label, icon: Icon }) => (
            <button
              key={id}
              type="button"
              aria-current={id === section ? "page" : undefined}
              onClick={() => choose(id)}
              className={classes(
                "flex h-8 items-center gap-2.5 rounded-md px-2 text-left text-muted hover:bg-sunken hover:text-ink dark:hover:bg-raised",
                "aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-ink",
              )}
            >
              <Icon aria-hidden className="size-4 shrink-0" />
              {label}
            </button>
          ))}
        </nav>
        <SelectField
          label="Section"
          hidesLabel
          className="border-b bg-surface px-4 py-2 sm:hidden"
          value={section}
          onChange={(event) => choose(event.target.value)}
          options={places.map(({ id, label }) => ({ value: id, label }))}
        />
        {/* Parts without anything to press are scrolled by keys too. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls. */}
        <div tabIndex={0} className="min-h-0 flex-1 overflow-auto">
          <div className="flex max-w-3xl flex-col gap-8 px-6 py-5 max-sm:px-4">
            <Shown section={section} />
          </div>
        </div>
      </div>
    </>
  );
}

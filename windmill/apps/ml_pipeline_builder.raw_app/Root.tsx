import { MantineProvider, createTheme } from "@mantine/core";
import { ReactFlowProvider } from "@xyflow/react";
import { useSyncExternalStore } from "react";

import App from "./App";
import { language, t, watchLanguage } from "./words/words";

const theme = (close: string) =>
  createTheme({
    colors: {
      // Mantine's own dark greys are warm; ours lean to the accent.
      dark: ["#e8e9ee", "#b9bbc7", "#9a9dab", "#6c6f7d", "#3a3d48", "#2c2e37", "#23252c", "#1b1c22", "#16171c", "#131418"],
    },
    primaryColor: "indigo",
    // White on it is read by everybody: 4.5 to 1 and more.
    primaryShade: { light: 7, dark: 8 },
    components: { Modal: { defaultProps: { closeButtonProps: { "aria-label": close } } } },
    defaultRadius: "md",
    fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "16px" },
    headings: { fontWeight: "600" },
    respectReducedMotion: true,
  });

/** Everything below is drawn anew in another language; nothing that somebody is at is lost by that. */
export function Root() {
  useSyncExternalStore(watchLanguage, language);
  return (
    <MantineProvider theme={theme(t("common.close"))} defaultColorScheme="auto">
      <ReactFlowProvider>
        <App />
      </ReactFlowProvider>
    </MantineProvider>
  );
}

import "@mantine/core/styles.css";
import "@xyflow/react/dist/style.css";
import "./index.css";

import { MantineProvider, createTheme } from "@mantine/core";
import { ReactFlowProvider } from "@xyflow/react";
import { createRoot } from "react-dom/client";

import App from "./App";

const theme = createTheme({
  colors: {
    // Mantine's own dark greys are warm; ours lean to the accent.
    dark: ["#e8e9ee", "#b9bbc7", "#9a9dab", "#6c6f7d", "#3a3d48", "#2c2e37", "#23252c", "#1b1c22", "#16171c", "#131418"],
  },
  primaryColor: "indigo",
  // White on it is read by everybody: 4.5 to 1 and more.
  primaryShade: { light: 7, dark: 8 },
  components: { Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } } },
  defaultRadius: "md",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "16px" },
  headings: { fontWeight: "600" },
  respectReducedMotion: true,
});

createRoot(document.getElementById("root")!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <ReactFlowProvider>
      <App />
    </ReactFlowProvider>
  </MantineProvider>,
);

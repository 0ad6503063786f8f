import "@mantine/core/styles.css";
import "@xyflow/react/dist/style.css";
import "./index.css";

import { createRoot } from "react-dom/client";

import { Root } from "./Root";

createRoot(document.getElementById("root")!).render(<Root />);

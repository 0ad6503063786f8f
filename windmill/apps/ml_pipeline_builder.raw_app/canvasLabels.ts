import { t } from "./words/words";

/** What React Flow says of itself. */
export const canvasLabels = () => ({
  "node.a11yDescription.default": t("canvas.nodeKeys"),
  "node.a11yDescription.keyboardDisabled": t("canvas.nodeKeys"),
  "edge.a11yDescription.default": t("canvas.edgeKeys"),
  "controls.ariaLabel": t("canvas.controls"),
  "controls.zoomIn.ariaLabel": t("canvas.zoomIn"),
  "controls.zoomOut.ariaLabel": t("canvas.zoomOut"),
  "controls.fitView.ariaLabel": t("canvas.fitView"),
});

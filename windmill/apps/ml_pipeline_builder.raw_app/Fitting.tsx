import { Menu } from "@mantine/core";

import type { Fit } from "./drawing";
import { iconOf } from "./families";
import { t } from "./words/words";

export type Spot = { x: number; y: number };

type Props = { at: Spot; fits: Fit[]; onPick: (fit: Fit) => void; onClose: () => void };

/** What could come next, where the pointer is. */
export function Fitting({ at, fits, onPick, onClose }: Props) {
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={4} width={232} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <span className="fitting-spot" style={{ left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("canvas.fits")}>
        {fits.length === 0 && <Menu.Label>{t("canvas.nothingFits")}</Menu.Label>}
        {fits.map((fit) => {
          const Icon = iconOf(fit.component.type);
          return (
            <Menu.Item
              key={fit.component.name}
              data-family={fit.component.type}
              leftSection={<Icon size={16} strokeWidth={1.75} className="node-icon" />}
              onClick={() => onPick(fit)}
            >
              {fit.component.title}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

import { Kbd, Modal, Text } from "@mantine/core";
import { keyName } from "./words/keyNames";
import { t, type Key } from "./words/words";

const KEYS: [Key, string[]][] = [
  ["help.check", ["C"]],
  ["common.deploy", ["Ctrl", "Enter"]],
  ["common.undo", ["Ctrl", "Z"]],
  ["common.redo", ["Ctrl", "Shift", "Z"]],
  ["help.duplicate", ["Ctrl", "D"]],
  ["help.removeChosen", ["Delete"]],
  ["help.searchComponents", ["/"]],
  ["help.fit", ["F"]],
  ["help.zoom", ["+", "-"]],
  ["help.addFirst", ["Enter"]],
  ["help.yaml", ["Y"]],
  ["help.arrange", ["L"]],
  ["common.addNote", ["N"]],
  ["outline.open", ["O"]],
  ["help.save", ["Ctrl", "S"]],
  ["help.commands", ["Ctrl", "K"]],
  ["help.rename", ["F2"]],
  ["help.walk", ["←", "→", "↑", "↓"]],
  ["help.move", ["Shift", "←"]],
  ["help.copying", ["Ctrl", "C / X / V"]],
  ["help.show", ["?"]],
];
const GESTURES: [Key, Key][] = [
  ["help.connect", "help.connectHow"],
  ["help.fits", "help.fitsHow"],
  ["help.add", "help.addHow"],
];

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} size={560} title={<Text fw={600}>{t("common.keysAndGestures")}</Text>} centered transitionProps={{ duration: 120 }}>
      <dl className="keys">
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{t(what)}</dt>
            <dd>{keys.map((key) => <Kbd key={key}>{keyName(key)}</Kbd>)}</dd>
          </div>
        ))}
        {GESTURES.map(([what, how]) => (
          <div key={what}>
            <dt>{t(what)}</dt>
            <dd className="quiet">{t(how)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

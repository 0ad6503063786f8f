const FEW = 50;

/** A form's field, and how what stands in it is read: as the model takes it. */
function labeled(name, hint, input) {
  const label = element("label", name);
  if (hint) label.append(" ", element("small", hint, "quiet"));
  label.append(input);
  return label;
}

function selection(choices, value) {
  const made = element("select");
  for (const choice of ["", ...choices]) {
    const option = element("option", choice || "unknown");
    option.value = choice;
    made.append(option);
  }
  made.value = value;
  return made;
}

function inputOf(type, value = "") {
  const made = element("input");
  made.type = type;
  if (type === "number") made.step = "any";
  else if (type === "text") made.autocomplete = "off";
  made.value = value;
  return made;
}

function columnField({ name, kind, range, categories = [] }, given) {
  const value = given === null || given === undefined ? "" : String(given);
  const known = categories.map(String).filter((each) => each !== "");
  const choosable = known.length > 0 && known.length <= FEW && (value === "" || known.includes(value));
  const numeric = kind === "number";
  const input = choosable && !numeric ? selection(known, value) : inputOf(numeric ? "number" : "text", value);
  const hint = numeric && range ? `${shown(range[0])} to ${shown(range[1])} in what it learnt from` : "";
  const read = () => (input.value === "" ? null : numeric ? Number(input.value) : input.value);
  return { field: labeled(name, hint, input), read: () => [name, read()] };
}

function rowFields({ columns, example }) {
  const fields = columns.map((column) => columnField(column, example?.[column.name]));
  return { fields: fields.map(({ field }) => field), read: () => Object.fromEntries(fields.map(({ read }) => read())) };
}

function horizonField({ example }) {
  const input = inputOf("number", String(example.horizon));
  [input.min, input.step] = ["1", "1"];
  return { fields: [labeled("How far ahead", "in steps of the series it was trained with", input)], read: () => ({ horizon: Number(input.value) }) };
}

function textField() {
  const input = element("textarea");
  input.required = true;
  return { fields: [labeled("Text", "", input)], read: () => input.value };
}

/** Shown, or played, as it is sent. */
function fileField({ kind }) {
  const input = inputOf("file");
  input.accept = `${kind}/*`;
  input.required = true;
  const preview = element(kind === "image" ? "img" : "audio");
  preview.hidden = true;
  if (kind === "audio") preview.controls = true;
  else preview.alt = "What is sent";
  input.addEventListener("change", () => {
    URL.revokeObjectURL(preview.src);
    preview.hidden = !input.files[0];
    if (input.files[0]) preview.src = URL.createObjectURL(input.files[0]);
  });
  const field = labeled(kind === "image" ? "Image" : "Recording", "", input);
  return { fields: [field, preview], read: async () => ({ [kind]: await dataUrl(input.files[0]) }) };
}

function dataUrl(file) {
  return new Promise((done, refuse) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => refuse(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

/** What no form is known for: JSON, beginning with what is answered. */
function anyField({ example }) {
  const input = element("textarea");
  input.value = JSON.stringify(example ?? {}, null, 2);
  return { fields: [labeled("Input", "JSON", input)], read: () => JSON.parse(input.value) };
}

const FIELDS = { row: rowFields, horizon: horizonField, text: textField, image: fileField, audio: fileField, any: anyField };

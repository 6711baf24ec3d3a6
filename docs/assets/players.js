// Pictures that carry recorded frames become players. The same module draws the live board in the notebook.
import { hydrate } from "./board.js";

hydrate();

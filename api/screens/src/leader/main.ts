import "../styles/base.css";
import { mount } from "svelte";
import Leader from "./Leader.svelte";
import { register } from "../lib/install.svelte";

register("/leader");
mount(Leader, { target: document.getElementById("page") as HTMLElement });

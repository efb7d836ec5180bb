import "../styles/base.css";
import { mount } from "svelte";
import Leader from "./Leader.svelte";

mount(Leader, { target: document.getElementById("page") as HTMLElement });

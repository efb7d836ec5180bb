import "../styles/base.css";
import { mount } from "svelte";
import ControlRoom from "./ControlRoom.svelte";

mount(ControlRoom, { target: document.getElementById("page") as HTMLElement });

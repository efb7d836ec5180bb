import "../styles/base.css";
import { mount } from "svelte";
import Station from "./Station.svelte";

mount(Station, { target: document.getElementById("page") as HTMLElement });

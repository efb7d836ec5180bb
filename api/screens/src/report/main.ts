import "../styles/base.css";
import { mount } from "svelte";
import Report from "./Report.svelte";

// the curves are drawn for paper, three dots where a screen has one: a canvas would be printed as coarse as it is shown
Object.defineProperty(window, "devicePixelRatio", { get: () => 3 });

mount(Report, { target: document.getElementById("page") as HTMLElement });

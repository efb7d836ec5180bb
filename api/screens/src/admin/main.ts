import "../styles/base.css";
import "../styles/office.css";
import { mount } from "svelte";
import Admin from "./Admin.svelte";

mount(Admin, { target: document.getElementById("page") as HTMLElement });

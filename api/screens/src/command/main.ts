import "../styles/base.css";
import { mount } from "svelte";
import Command from "./Command.svelte";

mount(Command, { target: document.getElementById("page") as HTMLElement });

import "../styles/base.css";
import { mount } from "svelte";
import Member from "./Member.svelte";
import { register } from "../lib/install.svelte";

register("/member");
mount(Member, { target: document.getElementById("page") as HTMLElement });

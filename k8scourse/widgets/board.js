// @ts-check
/**
 * The board: draws FRAMEs, lets them be played, stepped and acted upon.
 *
 * Python owns state and time, this module draws. One file without imports, because a notebook loads it from a blob.
 * Three hosts use it: anywidget (`default.render`), pages with recorded frames (`hydrate`), and tests in node
 * (`inner`, `link`, `flow`: the same text as k8scourse/diagrams/draw.py).
 *
 * @typedef {Object<string, any>} Box
 * @typedef {{w: number, h: number, name: string, version: string, t: number, step: number, steps: number,
 *   workers: number, pods: number, lingers?: number, boxes: Box[], links: Box[], flows: Box[], active: string[], main: number,
 *   say: Object<string, string[]>, desc: Object<string, string>}} Frame
 * @typedef {{language: string, restaurant: boolean, theme: string, speed: number}} Ui
 * @typedef {{frame: () => Frame, ticks: () => string, ui: () => Partial<Ui>, live: boolean,
 *   send: (command: string, values?: Object<string, any>) => Promise<any>,
 *   keep: (ui: Ui) => void, listen: (changed: () => void) => () => void, caption?: Element | null}} Host
 */

/* LOOK:begin (made by python -m k8scourse.widgets.embed from k8scourse/diagrams and k8scourse/words) */
const LOOK = { "defs": "<defs><pattern id=\"k8s-hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path d=\"M0 0V7\" style=\"stroke:var(--ss);opacity:.35\"/></pattern><symbol id=\"k8s-running\" viewBox=\"0 0 12 12\"><circle cx=\"6\" cy=\"6\" r=\"5\" stroke=\"none\"/></symbol><symbol id=\"k8s-pending\" viewBox=\"0 0 12 12\"><circle cx=\"6\" cy=\"6\" r=\"4.6\" fill=\"none\" stroke-width=\"1.8\"/><path d=\"M6 6V1.4A4.6 4.6 0 0 1 10.6 6z\"/></symbol><symbol id=\"k8s-failed\" viewBox=\"0 0 12 12\"><path d=\"M1.5 1.5l9 9M10.5 1.5l-9 9\" fill=\"none\" stroke-width=\"2.4\" stroke-linecap=\"round\"/></symbol><symbol id=\"k8s-stopped\" viewBox=\"0 0 12 12\"><path d=\"M6 1.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6zM2.6 9.4l6.8-6.8\" fill=\"none\" stroke-width=\"1.8\"/></symbol><symbol id=\"k8s-done\" viewBox=\"0 0 12 12\"><path d=\"M1.2 6.6l3.2 3.2l6.4-7.6\" fill=\"none\" stroke-width=\"2.2\" stroke-linecap=\"round\"/></symbol><symbol id=\"k8s-kubectl\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M6 8l3.5 3.5L6 15M12 16h6\"/></symbol><symbol id=\"k8s-kube-apiserver\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M4.5 12h15M8 12V6M12 12v6M16 12V6\"/><path style=\"fill:var(--onbar);stroke:none\" d=\"M8 4.4a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4zM16 4.4a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4zM12 16.2a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4z\"/></symbol><symbol id=\"k8s-load-balancer\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M5 12h5M10 12l5-5.5h3M10 12l5 5.5h3M16.5 4.5l2 2l-2 2M16.5 15.5l2 2l-2 2\"/></symbol><symbol id=\"k8s-etcd\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M6 7.5c0-1.4 2.7-2.5 6-2.5s6 1.1 6 2.5S15.3 10 12 10S6 8.9 6 7.5zM6 7.5v9c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-9M6 12c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5\"/></symbol><symbol id=\"k8s-kube-scheduler\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M5.5 7h13v11.5h-13zM5.5 10.5h13M9 5v3M15 5v3M9 14.5l2 2l4-3.6\"/></symbol><symbol id=\"k8s-kube-controller-manager\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M18.4 10A6.6 6.6 0 0 0 6.2 9M5.6 14a6.6 6.6 0 0 0 12.2 1M6 5.5V9h3.5M18 18.5V15h-3.5\"/></symbol><symbol id=\"k8s-cloud-controller-manager\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M8 17h8.5a3.2 3.2 0 0 0 .4-6.4A5 5 0 0 0 7.3 10 3.6 3.6 0 0 0 8 17z\"/></symbol><symbol id=\"k8s-kubelet\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 5.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM12 3.8v4M12 16.2v4M3.8 12h4M16.2 12h4\"/><path style=\"fill:var(--onbar);stroke:none\" d=\"M12 10a2 2 0 1 0 0 4a2 2 0 0 0 0-4z\"/></symbol><symbol id=\"k8s-kube-proxy\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M5 12h5l4-5h5M10 12l4 5h5M17 5l2 2l-2 2M17 15l2 2l-2 2\"/></symbol><symbol id=\"k8s-containerd\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M5 8h14v9H5zM8.5 8v9M12 8v9M15.5 8v9\"/></symbol><symbol id=\"k8s-coredns\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 5a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM5 12h14M12 5c-4.4 4.2-4.4 9.8 0 14M12 5c4.4 4.2 4.4 9.8 0 14\"/></symbol><symbol id=\"k8s-pod\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 5l6 3.4v7.2L12 19l-6-3.4V8.4zM6 8.4l6 3.4l6-3.4M12 11.8V19\"/></symbol><symbol id=\"k8s-r-kubectl\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M6.5 18.5c0-3 2-5 4.5-5s4.5 2 4.5 5M15 13l3-6\"/><path style=\"fill:var(--onbar);stroke:none\" d=\"M11 6a3 3 0 1 0 0 6a3 3 0 0 0 0-6z\"/></symbol><symbol id=\"k8s-r-kube-apiserver\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M7 4.8h10v14.4l-2.5-1.6l-2.5 1.6l-2.5-1.6L7 19.2zM9.8 8.6h4.4M9.8 11.6h4.4M9.8 14.4h2.4\"/></symbol><symbol id=\"k8s-r-load-balancer\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 5v14M12 8h5l2 2l-2 2h-5M12 12H7l-2 2l2 2h5\"/></symbol><symbol id=\"k8s-r-etcd\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 7.5C10 6 7.5 6 5 6.5v11c2.5-.5 5-.5 7 1c2-1.5 4.5-1.5 7-1v-11c-2.5-.5-5-.5-7 1zM12 7.5v11\"/></symbol><symbol id=\"k8s-r-kube-scheduler\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M7 6.5h10v12.5H7zM9.8 5h4.4v3H9.8zM9.5 11.5h5M9.5 14.5h5\"/></symbol><symbol id=\"k8s-r-kube-controller-manager\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M10.5 5.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM14.2 14.2L19 19M8.4 10.6l1.6 1.6l2.8-3\"/></symbol><symbol id=\"k8s-r-cloud-controller-manager\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M5 10l1.5-4.5h11L19 10M6 10v8.5h12V10M10 18.5V14h4v4.5M5 10h14\"/></symbol><symbol id=\"k8s-r-kubelet\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M8 13.5V19h8v-5.5M8 16.5h8M8 13.5a3.5 3.5 0 1 1 .8-6.8a3.6 3.6 0 0 1 6.4 0a3.5 3.5 0 1 1 .8 6.8\"/></symbol><symbol id=\"k8s-r-kube-proxy\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 4.8V19.2M6 6.5h9.5l2.5 2.2l-2.5 2.3H6zM18 12.5H9l-2 1.8l2 1.7h9z\"/></symbol><symbol id=\"k8s-r-containerd\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M12 4.8c.6 3 4.8 4.6 4.8 8.8a4.8 4.8 0 0 1-9.600 0c0-2.200 1.2-3.2 2-4.6c.5 1.4 1.2 1.8 1.8 2C10.800 8.8 11 6.6 12 4.8z\"/></symbol><symbol id=\"k8s-r-coredns\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M6 5.5h12v13H6zM9 9h6M9 12h6M9 15h3.5M6 8H4.8M6 12H4.8M6 16H4.8\"/></symbol><symbol id=\"k8s-r-pod\" viewBox=\"0 0 24 24\"><rect style=\"fill:var(--bar);stroke:none\" width=\"24\" height=\"24\" rx=\"6\"/><path style=\"fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round\" d=\"M4.8 16.5h14.4M6.5 16.5a5.5 5.5 0 0 1 11 0M12 11V9M5.8 19h12.4\"/><path style=\"fill:var(--onbar);stroke:none\" d=\"M12 7.2a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4z\"/></symbol></defs>", "icons": { "cloud-controller-manager": 1, "containerd": 1, "coredns": 1, "etcd": 1, "kube-apiserver": 1, "kube-controller-manager": 1, "kube-proxy": 1, "kube-scheduler": 1, "kubectl": 1, "kubelet": 1, "load-balancer": 1, "pod": 1, "r-cloud-controller-manager": 1, "r-containerd": 1, "r-coredns": 1, "r-etcd": 1, "r-kube-apiserver": 1, "r-kube-controller-manager": 1, "r-kube-proxy": 1, "r-kube-scheduler": 1, "r-kubectl": 1, "r-kubelet": 1, "r-load-balancer": 1, "r-pod": 1 }, "stages": [ "authenticate", "authorize", "admit", "validate", "store" ], "style": ".k8s-app[data-theme=light]{--ground:#FFFFFF;--panel:#F5F8FC;--plane:#EDF3FB;--box:#FFFFFF;--line:#C9D5E3;--ink:#16202C;--soft:#5A6B7F;--wire:#6F8096;--bar:#2F5FB3;--deep:#244B92;--onbar:#FFFFFF;--rs:#0072B2;--rf:#E6F1F8;--ps:#8A5A00;--pf:#FDF1D8;--fs:#A33F00;--ff:#FBE4D9;--ss:#666666;--sf:#EEEEEE;--ds:#00664B;--df:#DFF3EC;--ms:#8F3F6B;--mf:#F7E6EF;color-scheme:light}.k8s-app[data-theme=dark]{--ground:#151922;--panel:#1B212C;--plane:#1C2532;--box:#151922;--line:#34404F;--ink:#E8EDF4;--soft:#9AA9BC;--wire:#8494A8;--bar:#3D6FC4;--deep:#28508F;--onbar:#FFFFFF;--rs:#56B4E9;--rf:#17303F;--ps:#E69F00;--pf:#3A2D10;--fs:#FF8A4C;--ff:#41241A;--ss:#B0B0B0;--sf:#2A2E36;--ds:#2FC79B;--df:#163028;--ms:#E3A3C4;--mf:#3A2130;color-scheme:dark}.k8s-board text{font-family:system-ui,'Noto Sans TC','PingFang TC','Microsoft JhengHei',sans-serif;font-size:13px;fill:var(--ink)}.k8s-board .b{font-weight:600}.k8s-board .s{fill:var(--soft)}.k8s-board .f12{font-size:12px}.k8s-board .f14{font-size:14px}.k8s-board .f15{font-size:15px}.k8s-board .f17{font-size:17px}.k8s-board .f18{font-size:18px}.k8s-board .m{font-family:ui-monospace,'Noto Sans TC',monospace;font-size:12px;fill:var(--soft)}.k8s-board .c{text-anchor:middle}.k8s-board .e{text-anchor:end}.k8s-board .o{fill:var(--onbar)}.k8s-board .t{fill:var(--st)}.k8s-board .plane{fill:var(--plane);stroke:var(--line)}.k8s-board .panel{fill:var(--panel);stroke:var(--line)}.k8s-board .slot{opacity:.8}.k8s-board .box{fill:var(--box);stroke:var(--line)}.k8s-board .bar{fill:var(--bar)}.k8s-board .stage{fill:var(--deep)}.k8s-board .lit{fill:var(--mf);stroke:var(--ms);stroke-width:2}.k8s-board .no{fill:var(--ff);stroke:var(--fs);stroke-width:2.4}.k8s-board .ghost{fill:none;stroke:var(--line);stroke-dasharray:4 4}.k8s-board .shape{fill:var(--fi);stroke:var(--st)}.k8s-board .edge{stroke:var(--st)}.k8s-board .inner{fill:none;stroke:var(--st)}.k8s-board .sym{fill:var(--st);stroke:var(--st)}.k8s-board .sym.o{fill:var(--onbar);stroke:var(--onbar)}.k8s-board .track{fill:var(--box)}.k8s-board .fill{fill:var(--st)}.k8s-board .pale{opacity:.45}.k8s-board .wire{fill:none;stroke:var(--wire);stroke-width:1.6}.k8s-board .watch{stroke-dasharray:1.6 4.4;stroke-linecap:round;stroke-width:2}.k8s-board .cable{stroke:var(--bar);stroke-width:6}.k8s-board .cut{stroke:var(--fs);stroke-width:2.4;stroke-dasharray:10 6;stroke-linecap:butt}.k8s-board .cross{fill:none;stroke:var(--fs);stroke-width:2.6;stroke-linecap:round}.k8s-board .arrow{fill:none;stroke:var(--onbar);stroke-width:1.8}.k8s-board .k{fill:var(--ms)}.k8s-board .x{fill:var(--fs)}.k8s-board .shape2{stroke:var(--st);stroke-width:2.4}.k8s-board .rule{stroke:var(--line)}.k8s-board .used{fill:var(--rs)}.k8s-board .down{opacity:.35}.k8s-board .bad{fill:none;stroke:var(--fs);stroke-width:4}.k8s-board .ring{fill:none;stroke:var(--ms);stroke-width:2.4}.k8s-board .head{fill:var(--ms)}.k8s-board .go{fill:none;stroke:var(--ms);stroke-width:2.6}.k8s-board .write{stroke-width:4}.k8s-board .tell{stroke-dasharray:2 4;stroke-linecap:round}.k8s-board .dot{fill:var(--mf);stroke:var(--ms);stroke-width:2}.k8s-board .d{fill:var(--ms)}.k8s-board .running{--st:var(--rs);--fi:var(--rf)}.k8s-board .running>.shape{stroke-width:2}.k8s-board .pending{--st:var(--ps);--fi:var(--pf)}.k8s-board .pending>.shape{stroke-width:2;stroke-dasharray:6 4}.k8s-board .failed{--st:var(--fs);--fi:var(--ff)}.k8s-board .failed>.shape{stroke-width:2.4}.k8s-board .stopped{--st:var(--ss);--fi:var(--sf)}.k8s-board .stopped>.shape{stroke-width:2;stroke-dasharray:2 3}.k8s-board .done{--st:var(--ds);--fi:var(--df)}.k8s-board .done>.shape{stroke-width:1}.k8s-board .message{--st:var(--ms);--fi:var(--mf)}.k8s-board .message>.shape{stroke-width:2.4}.k8s-app{font-family:system-ui,'Noto Sans TC','PingFang TC','Microsoft JhengHei',sans-serif;font-size:14px;line-height:1.45;color:var(--ink);background:var(--ground);border-radius:12px;padding:10px 12px;max-width:1500px;margin:auto;position:relative;box-sizing:border-box;text-align:start}.k8s-app [hidden]{display:none!important}.k8s-app:focus{outline:none}.k8s-head,.k8s-tools,.k8s-transport{display:flex;align-items:center;gap:8px;flex-wrap:wrap}.k8s-head{padding:2px 2px 10px}.k8s-title{font-size:18px}.k8s-gap{flex:1}.k8s-soft{color:var(--soft);font-size:14px}.k8s-road{color:var(--ms);border:1.5px dashed var(--ms);border-radius:10px;padding:1px 8px;font-size:13px}.k8s-app button{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);cursor:pointer;min-height:34px;box-sizing:border-box}.k8s-app button:hover{border-color:var(--wire)}.k8s-app button:focus-visible,.k8s-app input:focus-visible,.k8s-app pre:focus-visible,.k8s-app summary:focus-visible{outline:3px solid var(--bar);outline-offset:2px}.k8s-app button[disabled]{opacity:.4;cursor:default}.k8s-app .k8s-b{border-radius:17px;min-width:36px;padding:0 12px;display:inline-flex;align-items:center;justify-content:center}.k8s-app .k8s-b svg,.k8s-fault svg{fill:currentColor;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}.k8s-seg{display:inline-flex;border:1px solid var(--line);border-radius:17px;background:var(--panel);padding:2px}.k8s-app .k8s-seg button{border:0;border-radius:15px;padding:0 12px;min-height:30px;background:none}.k8s-app .k8s-seg button[aria-pressed=true]{background:var(--bar);color:var(--onbar);font-weight:600}.k8s-stage{position:relative}.k8s-scroll{overflow:visible}.k8s-small .k8s-scroll{overflow-x:auto}.k8s-small .k8s-board{min-width:560px}.k8s-board{display:block;width:100%;height:auto;overflow:visible}.k8s-board g{transition:transform .3s ease-in-out,opacity .3s}.k8s-board .k8s-quick{transition:none}.k8s-board .k8s-dot{transition:none}.k8s-board .k8s-new,.k8s-board .k8s-gone{opacity:0}.k8s-board .k8s-part{cursor:pointer;outline:none}.k8s-board .k8s-focus{fill:none;stroke:none}.k8s-board [data-kind=plate],.k8s-board [data-kind=slot]{pointer-events:none}.k8s-board .k8s-part:hover>.k8s-focus{stroke:var(--wire);stroke-width:1.5}.k8s-board .k8s-chosen>.k8s-focus{stroke:var(--bar);stroke-width:2}.k8s-board .k8s-part:focus-visible>.k8s-focus{stroke:var(--bar);stroke-width:3.5}.k8s-say{display:flex;gap:12px;align-items:center;margin-top:10px;min-height:58px;padding:6px 14px;box-sizing:border-box;background:var(--panel);border:1px solid var(--line);border-radius:10px}.k8s-say p{margin:0;font-size:15px;color:var(--ink)}.k8s-number{flex:none;width:24px;height:24px;border-radius:50%;border:2px solid var(--ms);background:var(--mf);color:var(--ms);font-weight:600;font-size:13px;line-height:24px;text-align:center}.k8s-past .k8s-say{border-style:dashed;border-color:var(--ms)}.k8s-transport{padding-top:10px;flex-wrap:nowrap}.k8s-app .k8s-transport .k8s-b{padding:0;width:36px;flex:none}.k8s-app .k8s-transport .k8s-play{width:44px;min-height:44px;border-radius:22px;background:var(--bar);color:var(--onbar);border-color:var(--bar)}.k8s-app .k8s-transport .k8s-speed{width:auto;padding:0 10px}.k8s-line{position:relative;flex:1;min-width:120px;height:36px}.k8s-ticks{position:absolute;inset:0 9px}.k8s-ticks::before,.k8s-ticks u{content:\"\";position:absolute;left:0;right:0;top:16px;height:4px;border-radius:2px;background:var(--line)}.k8s-ticks u{right:auto;background:var(--bar)}.k8s-ticks i{position:absolute;top:18px;width:2px;margin-left:-1px;background:var(--wire);transform:translateY(-50%)}.k8s-ticks i.k8s-bad{background:var(--fs);width:3px}.k8s-line input{position:absolute;inset:0;width:100%;height:36px;margin:0;background:none;appearance:none;-webkit-appearance:none;cursor:pointer}.k8s-line input::-webkit-slider-runnable-track{background:none;height:36px}.k8s-line input::-moz-range-track{background:none}.k8s-line input::-webkit-slider-thumb{-webkit-appearance:none;width:18px;height:18px;margin-top:9px;border-radius:50%;background:var(--bar);border:2px solid var(--ground)}.k8s-line input::-moz-range-thumb{width:16px;height:16px;border-radius:50%;background:var(--bar);border:2px solid var(--ground)}.k8s-clock{display:flex;flex-direction:column;font-size:13px;line-height:1.35;white-space:nowrap;min-width:104px}.k8s-clock .k8s-soft{font-size:12.5px}.k8s-app .k8s-fault{color:var(--fs);font-weight:600;border-color:var(--fs);border-radius:17px;padding:0 12px;display:inline-flex;gap:6px;align-items:center;white-space:nowrap}.k8s-app .k8s-fault svg{width:16px;height:16px;stroke-width:1}.k8s-menu{position:absolute;z-index:5;min-width:200px;max-width:min(420px,96%);max-height:96%;overflow:auto;background:var(--ground);border:1.5px solid var(--wire);border-radius:10px;padding:6px;box-sizing:border-box}.k8s-menu-title{font-weight:600;font-size:13px;padding:4px 10px 6px;color:var(--soft);overflow-wrap:anywhere}.k8s-app .k8s-menu button{display:block;width:100%;text-align:start;border:0;background:none;border-radius:7px;padding:5px 10px}.k8s-menu button:hover,.k8s-menu button:focus-visible{background:var(--panel)}.k8s-details{position:relative;margin-top:12px;padding:12px 16px;background:var(--panel);border:1px solid var(--line);border-radius:10px}.k8s-details h4{margin:0 44px 4px 0;font-size:16px;color:var(--ink)}.k8s-details h5{margin:12px 0 4px;font-size:14px;color:var(--ink)}.k8s-details p{margin:0 0 6px}.k8s-details ol{margin:0;padding-left:22px}.k8s-details summary{cursor:pointer;font-weight:600;margin-top:8px}.k8s-details pre{font-family:ui-monospace,'Noto Sans TC',monospace;font-size:12.5px;color:var(--ink);background:var(--box);border:1px solid var(--line);border-radius:8px;padding:8px 10px;margin:6px 0 0;max-height:280px;overflow:auto;white-space:pre}.k8s-app .k8s-x{position:absolute;right:8px;top:8px;padding:0}.k8s-sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.k8s-small .k8s-transport{flex-wrap:wrap}.k8s-small .k8s-line{order:9;flex-basis:100%}.k8s-small .k8s-say{min-height:80px}@media(prefers-reduced-motion:reduce){.k8s-board g{transition:none}}", "widths": [ 32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 78, 75, 30, 30, 66, 56, 86, 75, 79, 60, 79, 70, 64, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 64, 55, 64, 62, 35, 64, 63, 28, 28, 58, 28, 97, 63, 61, 64, 64, 41, 52, 39, 63, 59, 82, 59, 59, 53, 64, 34, 64, 84 ], "words": { "en": { "board.admit": "admit", "board.authenticate": "authenticate", "board.authorize": "authorize", "board.beginning": "The cluster is ready. Nothing has happened yet: apply something, or break something.", "board.caption": "The board of {name} at t = {seconds} s. Everything plugs into the API server; only the API server talks to etcd. One possible layout. Left out: kube-system Pods that are components already, container processes, the network between Pods.", "board.clients": "Clients", "board.cloud-controller-manager": "Cloud controller manager", "board.cluster": "{name}", "board.column_name": "NAME", "board.column_pods": "PODS", "board.column_state": "STATE", "board.containerd": "containerd", "board.control_plane": "Control plane", "board.cordoned": "cordoned", "board.coredns": "CoreDNS", "board.counts": "{version} · workers: {nodes} · Pods: {pods}", "board.cpu": "cpu", "board.cut": "cut off", "board.desc_last": "Last: {sentence}", "board.desc_node": "{name}: {state}; Pods: {pods}.", "board.desc_none": "none", "board.desc_parts": "Not running: {parts}.", "board.desc_parts_fine": "All components are running.", "board.desc_pod": "{name} {state}", "board.desc_shelf": "Waiting for a node: {pods}.", "board.description": "{workers} worker nodes. {nodes} {shelf} {parts} {last}", "board.etcd": "etcd", "board.head_office": "{name}", "board.kube-apiserver": "API server", "board.kube-controller-manager": "Controller manager", "board.kube-proxy": "kube-proxy", "board.kube-scheduler": "Scheduler", "board.kubectl": "kubectl", "board.kubelet": "kubelet", "board.late": "no heartbeat for {seconds} s", "board.leader": "leader", "board.load-balancer": "Load balancer", "board.memory": "mem", "board.more": "+{count}", "board.node": "Node", "board.pod": "Pod", "board.revision": "revision {revision}", "board.shelf": "Waiting for a node", "board.shelf_more": "+{count} more", "board.standby": "standby", "board.store": "store", "board.summary": "{name} · {version} · t = {seconds} s · Pods: {pods} ({ready} ready)", "board.system": "kube-system", "board.title": "{name}: a Kubernetes cluster, drawn", "board.validate": "validate", "board.worker": "{name}", "inspector.actions": "What you can do", "inspector.acts": "Its last actions", "inspector.cloud-controller-manager": "The loops that talk to a cloud provider: nodes, routes, load balancers.", "inspector.containerd": "The container runtime: pulls images, starts and stops containers when the kubelet asks.", "inspector.coredns": "The cluster's name server: it turns the name of a Service into its address.", "inspector.etcd": "The memory of the whole cluster: every object, in numbered revisions. Only the API server opens it.", "inspector.kube-apiserver": "The only door. Every request is authenticated, authorized, admitted, validated and then stored. It calls nobody: the others watch it.", "inspector.kube-controller-manager": "Many small loops, each comparing what is wanted with what is there, and writing what is missing.", "inspector.kube-proxy": "Keeps the forwarding rules of its node in step with Services and endpoints. The packets follow the rules; they do not pass through kube-proxy.", "inspector.kube-scheduler": "Chooses a node for each Pod that has none, and writes its name into the Pod. It never starts anything and never moves a Pod.", "inspector.kubectl": "The command line. It only talks to the API server, like every other client.", "inspector.kubelet": "The agent of its node: it watches for Pods with its node's name, has their containers run, checks them and reports.", "inspector.load-balancer": "Stands before the API servers and passes connections on: each new one to the next server that is ready. It understands nothing of what is said on them.", "inspector.node": "A machine that runs Pods. Its kubelet keeps a Lease fresh; silence is what makes it NotReady.", "inspector.node_label": "Node", "inspector.none": "It is not running: it sees nothing.", "inspector.nothing": "Nothing yet.", "inspector.pod": "The smallest thing that runs: one or more containers that share an address and a fate. A lost Pod is replaced, never moved.", "inspector.sees": "What it sees now", "inspector.state": "State", "inspector.title": "What it is", "inspector.yaml": "As YAML", "menu.back": "One step back", "menu.board": "Board of the cluster", "menu.break_something": "Break something", "menu.choose": "Choose a part", "menu.close": "Close", "menu.cordon": "Cordon: no new Pods", "menu.crash": "Crash it", "menu.cut": "Cut its network", "menu.delete": "Delete the Pod", "menu.drain": "Drain the node", "menu.end": "To the end", "menu.failed": "That did not work: {reason}", "menu.faster": "Faster", "menu.finished": "The recording ends here.", "menu.fork_note": "another road, since step {step}", "menu.forward": "One step forward", "menu.heal": "Repair its network", "menu.help": "Keys", "menu.keys": "Space: play or pause · ← →: one step · Home, End: first and last step · + −: speed · Tab: from part to part · Enter: what can be done with it · Esc: close · ?: this list", "menu.kubernetes": "Kubernetes", "menu.language": "Language", "menu.nothing": "For {seconds} s nothing happened: wish and world agree, or nobody can do anything about it.", "menu.other_road": "Take the other road", "menu.past": "You are looking at the past (step {step} of {steps}).", "menu.past_question": "What you are about to do belongs to another future. A copy of the cluster with the history up to this step takes the other road; the first one stays as it is.", "menu.pause": "Pause", "menu.play": "Play", "menu.power_off": "Pull the plug", "menu.power_on": "Switch it on", "menu.recorded": "A recording: it can be played, not changed.", "menu.restart": "Restart it", "menu.restaurant": "Restaurant", "menu.slower": "Slower", "menu.speed": "Speed", "menu.start": "To the start", "menu.step_of": "step {step} of {steps}", "menu.stop": "Stop it and keep it down", "menu.system": "kube-system Pods", "menu.theme": "Light or dark", "menu.time": "t = {seconds} s", "menu.timeline": "Timeline", "menu.transport": "Time", "menu.uncordon": "Uncordon: Pods may come", "menu.vocabulary": "Words and icons", "restaurant.board.admit": "House rules", "restaurant.board.authenticate": "Who is it?", "restaurant.board.authorize": "Allowed?", "restaurant.board.beginning": "The restaurant is open. Nothing has happened yet: order something, or break something.", "restaurant.board.clients": "Customers", "restaurant.board.cloud-controller-manager": "Mall contact", "restaurant.board.cluster": "My restaurant", "restaurant.board.containerd": "Stove", "restaurant.board.control_plane": "Front of house", "restaurant.board.cordoned": "no new trays", "restaurant.board.coredns": "Directory", "restaurant.board.counts": "stations: {nodes} · trays: {pods}", "restaurant.board.cpu": "hobs", "restaurant.board.cut": "no line", "restaurant.board.etcd": "Order book", "restaurant.board.head_office": "Office {number}", "restaurant.board.kube-apiserver": "Order counter", "restaurant.board.kube-controller-manager": "Store manager", "restaurant.board.kube-proxy": "Sign painter", "restaurant.board.kube-scheduler": "Kitchen supervisor", "restaurant.board.kubectl": "Customer", "restaurant.board.kubelet": "Cook", "restaurant.board.late": "silent for {seconds} s", "restaurant.board.leader": "in charge", "restaurant.board.load-balancer": "Host at the door", "restaurant.board.memory": "room", "restaurant.board.node": "Station", "restaurant.board.pod": "Tray", "restaurant.board.revision": "page {revision}", "restaurant.board.shelf": "No station yet", "restaurant.board.standby": "standing by", "restaurant.board.store": "Write down", "restaurant.board.system": "staff trays", "restaurant.board.validate": "Sensible?", "restaurant.board.worker": "Station {number}", "restaurant.inspector.containerd": "The stove. Any brand that takes the standard plug works.", "restaurant.inspector.coredns": "The list at the entrance: which name belongs to which window.", "restaurant.inspector.etcd": "The order book. It holds no food. Only the cashier opens it.", "restaurant.inspector.kube-apiserver": "The only counter. It checks each order and has it written into the book. It never shouts into the kitchen: everyone watches the board.", "restaurant.inspector.kube-controller-manager": "Compares the board with the counter, for ever. Repairs by writing more tickets, not by cooking.", "restaurant.inspector.kube-proxy": "Repaints the signs that say which window hands out what. Never carries a tray; old signs go on working.", "restaurant.inspector.kube-scheduler": "Writes a station number on each ticket, once. Never cooks, never moves a ticket later, and looks at booked space, not at how hot a stove is.", "restaurant.inspector.kubectl": "A customer. Customers, cooks and managers all queue at the same counter.", "restaurant.inspector.kubelet": "The cook in charge of a station. Works from the station's own tickets, even when the counter is closed.", "restaurant.inspector.load-balancer": "Sends each customer to the next open counter, and knows nothing of orders. A customer stays at the counter they were sent to.", "restaurant.inspector.node": "A kitchen station. Only its silence tells that something is wrong with it.", "restaurant.inspector.pod": "A tray: one unit of an order. A dropped tray is replaced by a new one with a new number.", "restaurant.state.crashed": "fainted", "restaurant.state.cut": "no line", "restaurant.state.done": "done", "restaurant.state.failed": "in trouble", "restaurant.state.notready": "no answer", "restaurant.state.off": "lights out", "restaurant.state.pending": "waiting", "restaurant.state.ready": "open", "restaurant.state.running": "at work", "restaurant.state.starting": "coming in", "restaurant.state.stopped": "closed", "restaurant.state.terminating": "going away", "state.crashed": "crashed", "state.cut": "cut off", "state.done": "done", "state.failed": "failed", "state.notready": "NotReady", "state.off": "no power", "state.pending": "waiting", "state.ready": "Ready", "state.running": "running", "state.starting": "starting", "state.stopped": "stopped", "state.terminating": "Terminating" }, "zh-TW": { "board.admit": "准入", "board.authenticate": "認證", "board.authorize": "授權", "board.beginning": "叢集已就緒，還沒有發生任何事：套用一份設定，或是弄壞一個元件看看。", "board.caption": "{name} 在 t = {seconds} 秒時的看板。所有元件都接在 API 伺服器上，只有 API 伺服器會跟 etcd 往來。這只是其中一種可能的配置。圖中省略：本身就是元件的 kube-system Pod、容器裡的行程、Pod 之間的網路。", "board.clients": "用戶端", "board.cloud-controller-manager": "雲端控制器管理員", "board.cluster": "{name}", "board.column_name": "名稱", "board.column_pods": "POD", "board.column_state": "狀態", "board.containerd": "containerd", "board.control_plane": "控制平面", "board.cordoned": "已停止排程", "board.coredns": "CoreDNS", "board.counts": "{version} · {nodes} 個工作節點 · {pods} 個 Pod", "board.cpu": "CPU", "board.cut": "斷線", "board.desc_last": "最近一步：{sentence}", "board.desc_node": "{name}：{state}，Pod：{pods}。", "board.desc_none": "無", "board.desc_parts": "未在執行：{parts}。", "board.desc_parts_fine": "所有元件都在執行。", "board.desc_pod": "{name} {state}", "board.desc_shelf": "等待指派節點：{pods}。", "board.description": "共有 {workers} 個工作節點。{nodes}{shelf}{parts}{last}", "board.etcd": "etcd", "board.head_office": "{name}", "board.kube-apiserver": "API 伺服器", "board.kube-controller-manager": "控制器管理員", "board.kube-proxy": "kube-proxy", "board.kube-scheduler": "排程器", "board.kubectl": "kubectl", "board.kubelet": "kubelet", "board.late": "已 {seconds} 秒沒有心跳", "board.leader": "領導者", "board.load-balancer": "負載平衡器", "board.memory": "記憶體", "board.more": "+{count}", "board.node": "節點", "board.pod": "Pod", "board.revision": "修訂版 {revision}", "board.shelf": "等待指派節點", "board.shelf_more": "另有 {count} 個", "board.standby": "待命", "board.store": "儲存", "board.summary": "{name} · {version} · t = {seconds} 秒 · {pods} 個 Pod（{ready} 個就緒）", "board.system": "kube-system", "board.title": "{name}：一座 Kubernetes 叢集的圖", "board.validate": "驗證", "board.worker": "{name}", "inspector.actions": "你可以做什麼", "inspector.acts": "它最近做的事", "inspector.cloud-controller-manager": "負責跟雲端服務商往來的迴圈：節點、路由、負載平衡器。", "inspector.containerd": "容器執行環境：kubelet 要求時，下載映像檔、啟動與停止容器。", "inspector.coredns": "叢集的名稱伺服器：把 Service 的名字換成位址。", "inspector.etcd": "整座叢集的記憶：所有物件，每次修訂都有編號。只有 API 伺服器能打開它。", "inspector.kube-apiserver": "唯一的大門。每個請求都要經過認證、授權、准入、驗證，然後儲存。它不會去呼叫別人，是大家在監看它。", "inspector.kube-controller-manager": "許多小迴圈，各自比對想要的與現有的，把缺少的寫上去。", "inspector.kube-proxy": "讓節點上的轉送規則跟 Service 與端點保持一致。封包照規則走，不會經過 kube-proxy。", "inspector.kube-scheduler": "替還沒有節點的 Pod 選一個節點，把名字寫進 Pod。它從不啟動任何東西，也從不搬動 Pod。", "inspector.kubectl": "命令列工具。它跟其他用戶端一樣，只跟 API 伺服器說話。", "inspector.kubelet": "節點上的代理程式：監看寫有自己節點名稱的 Pod，請人執行容器，檢查並回報。", "inspector.load-balancer": "站在 API 伺服器前面轉送連線：每條新連線交給下一台就緒的伺服器。連線裡說了什麼，它完全不懂。", "inspector.node": "執行 Pod 的機器。kubelet 定時更新 Lease；只要沒有聲音，就會變成未就緒。", "inspector.node_label": "節點", "inspector.none": "它沒有在執行，什麼也看不到。", "inspector.nothing": "還沒有。", "inspector.pod": "最小的執行單位：一個或多個容器，共用位址與命運。Pod 沒了會補一個新的，不會搬家。", "inspector.sees": "它現在看到什麼", "inspector.state": "狀態", "inspector.title": "它是什麼", "inspector.yaml": "YAML", "menu.back": "後退一步", "menu.board": "叢集看板", "menu.break_something": "弄壞它", "menu.choose": "選一個元件", "menu.close": "關閉", "menu.cordon": "不再接新的 Pod（cordon）", "menu.crash": "讓它當掉", "menu.cut": "切斷它的網路", "menu.delete": "刪除這個 Pod", "menu.drain": "淨空這個節點（drain）", "menu.end": "到最後", "menu.failed": "沒有成功：{reason}", "menu.faster": "加快", "menu.finished": "錄影到這裡結束。", "menu.fork_note": "從第 {step} 步走上的另一條路", "menu.forward": "前進一步", "menu.heal": "修復它的網路", "menu.help": "按鍵", "menu.keys": "空白鍵：播放或暫停 · ← →：一步 · Home、End：第一步與最後一步 · + −：速度 · Tab：移到下一個元件 · Enter：可以對它做什麼 · Esc：關閉 · ?：這份列表", "menu.kubernetes": "Kubernetes", "menu.language": "語言", "menu.nothing": "{seconds} 秒內什麼事也沒有發生：期望與現況一致了，或是誰也幫不上忙。", "menu.other_road": "走另一條路", "menu.past": "你正在看過去（第 {step} 步，共 {steps} 步）。", "menu.past_question": "你要做的事屬於另一個未來。我們會複製一座叢集，歷史到這一步為止，由它走上另一條路；原本的叢集維持不變。", "menu.pause": "暫停", "menu.play": "播放", "menu.power_off": "拔掉電源", "menu.power_on": "接上電源", "menu.recorded": "這是錄影，可以播放，不能更動。", "menu.restart": "重新啟動", "menu.restaurant": "速食店", "menu.slower": "放慢", "menu.speed": "速度", "menu.start": "回到開頭", "menu.step_of": "第 {step} 步，共 {steps} 步", "menu.stop": "停掉，不讓它重啟", "menu.system": "kube-system 的 Pod", "menu.theme": "淺色或深色", "menu.time": "t = {seconds} 秒", "menu.timeline": "時間軸", "menu.transport": "時間", "menu.uncordon": "恢復接 Pod（uncordon）", "menu.vocabulary": "用詞與圖示", "restaurant.board.admit": "店規", "restaurant.board.authenticate": "你是誰？", "restaurant.board.authorize": "可以點嗎？", "restaurant.board.beginning": "開店了，還沒有發生任何事：點點看，或是弄壞一樣東西看看。", "restaurant.board.clients": "顧客", "restaurant.board.cloud-controller-manager": "商場窗口", "restaurant.board.cluster": "我的速食店", "restaurant.board.containerd": "爐台", "restaurant.board.control_plane": "前場與管理", "restaurant.board.cordoned": "不再派新單", "restaurant.board.coredns": "入口名牌", "restaurant.board.counts": "{nodes} 個站台 · {pods} 個餐盤", "restaurant.board.cpu": "爐口", "restaurant.board.cut": "線路斷了", "restaurant.board.etcd": "訂單帳本", "restaurant.board.head_office": "{number} 號辦公室", "restaurant.board.kube-apiserver": "點餐櫃檯", "restaurant.board.kube-controller-manager": "店長", "restaurant.board.kube-proxy": "指示牌員", "restaurant.board.kube-scheduler": "廚房主管", "restaurant.board.kubectl": "顧客", "restaurant.board.kubelet": "站台廚師", "restaurant.board.late": "已 {seconds} 秒沒有回音", "restaurant.board.leader": "當班", "restaurant.board.load-balancer": "帶位員", "restaurant.board.memory": "空間", "restaurant.board.node": "站台", "restaurant.board.pod": "餐盤", "restaurant.board.revision": "第 {revision} 頁", "restaurant.board.shelf": "尚未派站台的單", "restaurant.board.standby": "待命", "restaurant.board.store": "記進帳本", "restaurant.board.system": "員工餐盤", "restaurant.board.validate": "內容合理？", "restaurant.board.worker": "{number} 號站台", "restaurant.inspector.containerd": "爐台。插頭合規格的牌子都能用。", "restaurant.inspector.coredns": "入口的名牌：哪個名字在哪個窗口。", "restaurant.inspector.etcd": "訂單帳本，裡面沒有食物。只有櫃檯能打開。", "restaurant.inspector.kube-apiserver": "唯一的櫃檯。每張單都要檢查，再記進帳本。它從不對廚房大喊，看板要大家自己看。", "restaurant.inspector.kube-controller-manager": "永遠在比對看板與檯面。少了就補單，不下廚。", "restaurant.inspector.kube-proxy": "重畫指示牌，標出哪個窗口出什麼。從不端盤子，舊牌子照樣有效。", "restaurant.inspector.kube-scheduler": "在每張單上寫一次站台號碼。從不煮菜，之後也不改單；看的是訂走的空間，不是爐子有多燙。", "restaurant.inspector.kubectl": "顧客。顧客、廚師、店長都在同一個櫃檯排隊。", "restaurant.inspector.kubelet": "負責一個站台的廚師。照站台上的單做，櫃檯關了也照做。", "restaurant.inspector.load-balancer": "把每位顧客帶到下一個有開的櫃檯，點什麼單它都不管。顧客會一直待在被帶到的那個櫃檯。", "restaurant.inspector.node": "廚房站台。只有安靜下來，別人才知道它有問題。", "restaurant.inspector.pod": "餐盤：一份訂單的單位。打翻的餐盤會換成一個新的，號碼也是新的。", "restaurant.state.crashed": "昏倒了", "restaurant.state.cut": "線路斷了", "restaurant.state.done": "完成", "restaurant.state.failed": "出問題", "restaurant.state.notready": "沒有回音", "restaurant.state.off": "熄燈", "restaurant.state.pending": "等待中", "restaurant.state.ready": "營業中", "restaurant.state.running": "上工中", "restaurant.state.starting": "正在進場", "restaurant.state.stopped": "收工", "restaurant.state.terminating": "收盤中", "state.crashed": "已當掉", "state.cut": "斷線", "state.done": "已完成", "state.failed": "失敗", "state.notready": "未就緒", "state.off": "沒有電源", "state.pending": "等待中", "state.ready": "就緒", "state.running": "執行中", "state.starting": "啟動中", "state.stopped": "已停止", "state.terminating": "終止中" } } };
/* LOOK:end */

const SVG = "http://www.w3.org/2000/svg";
const BACK = ["plane", "card", "shelf", "slot"];
const PARTS = ["bar", "part", "chip", "agent"];
const PODS = ["pod", "dot", "pill"];
const HTML_LANG = { en: "en", "zh-TW": "zh-Hant" };
const HOP_MS = 550;
const REST_MS = 900;
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const MEDIUM_BELOW = 1040;
const NARROW_BELOW = 800;
const SMALL_BELOW = 700;

// --- words and widths ------------------------------------------------------------------------------------------

/** Hundredths of an em of a character. @param {string} character */
function em(character) {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 32 && code < 32 + LOOK.widths.length) return LOOK.widths[code - 32];
  return code >= 0x1100 && !(code >= 0x2000 && code < 0x2e80) ? 100 : 65;
}

/** Pixels that a text needs. @param {string} text @param {number} size @param {boolean} [bold] */
function width(text, size, bold) {
  let sum = 0;
  for (const character of text) sum += em(character);
  return ((sum * size) / 100) * (bold ? 1.1 : 1);
}

/** As much of a text as fits. @param {string} text @param {number} room @param {number} size @param {boolean} [bold] */
function fit(text, room, size, bold) {
  if (width(text, size, bold) <= room) return text;
  const kept = [...text];
  while (kept.length && width(kept.join("") + "…", size, bold) > room) kept.pop();
  return kept.join("") + "…";
}

/** Words of one language and vocabulary. */
export class Speaker {
  /** @param {string} language @param {boolean} restaurant */
  constructor(language, restaurant) {
    this.language = language;
    this.restaurant = restaurant;
    this.words = LOOK.words[language] ?? LOOK.words.en;
  }
  /** @param {any} label plain text, "@key", or ["@key", values] */
  say(label) {
    if (Array.isArray(label)) return this.text(label[0].slice(1), label[1]);
    return label.startsWith("@") ? this.text(label.slice(1)) : label;
  }
  /** @param {string} key @param {Object<string, any>} [values] */
  text(key, values) {
    const template = (this.restaurant && this.words["restaurant." + key]) || this.words[key] || key;
    return values ? template.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => String(values[name])) : template;
  }
  /** @param {string} name */
  icon(name) {
    return this.restaurant && LOOK.icons["r-" + name] ? "r-" + name : name;
  }
  /** @param {string} name */
  cluster(name) {
    return name === "my-cluster" ? this.text("board.cluster", { name }) : name;
  }
}

// --- drawing: the same as k8scourse/diagrams/draw.py, string for string -------------------------------------------

/** @param {any} text */
function escape(text) {
  return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/'/g, "&#x27;");
}
const half = (/** @type {number} */ n) => Math.floor(n / 2);
const px = (/** @type {string} */ text, /** @type {number} */ size, bold = false) => Math.floor(width(text, size, bold) + 0.5);

/** @param {number} x @param {number} y @param {any} content @param {string} [classes] @param {number} [size] */
function text(x, y, content, classes = "", size = 0) {
  const names = size !== 0 && size !== 13 ? `${classes} f${size}`.trim() : classes;
  return `<text x="${x}" y="${y}"${names ? ` class="${names}"` : ""}>${escape(content)}</text>`;
}
/** @param {number} x @param {number} y @param {string} content @param {string} classes @param {number} room @param {number[]} sizes */
function line(x, y, content, classes, room, sizes) {
  const bold = classes.split(" ").includes("b");
  const size = sizes.find((one) => width(content, one, bold) <= room) ?? sizes[sizes.length - 1];
  return text(x, y, fit(content, room, size, bold), classes, size);
}
/** @param {number} x @param {number} y @param {number} w @param {number} h @param {number} r @param {string} classes */
function rect(x, y, w, h, r, classes) {
  const at = x || y ? ` x="${x}" y="${y}"` : "";
  return `<rect${at} width="${w}" height="${h}" rx="${r}" class="${classes}"/>`;
}
/** @param {string} name @param {number} x @param {number} y @param {number} size @param {string} [classes] */
function use(name, x, y, size, classes = "") {
  return `<use href="#k8s-${name}" x="${x}" y="${y}" width="${size}" height="${size}"${classes ? ` class="${classes}"` : ""}/>`;
}
/** @param {number} d @param {number} w @param {number} h */
function cutCorners(d, w, h) {
  const c = Math.min(9, Math.floor(h / 3)), x = w - d, y = h - d;
  return `M${c} ${d}H${w - c}L${x} ${c}V${h - c}L${w - c} ${y}H${c}L${d} ${h - c}V${c}Z`;
}
/** @param {number} w @param {number} h @param {number} r @param {string} state @param {boolean} [double] */
function shape(w, h, r, state, double = true) {
  if (state === "failed") {
    const inside = double ? `<path d="${cutCorners(4, w, h)}" class="inner"/>` : "";
    return `<path d="${cutCorners(0, w, h)}" class="shape"/>${inside}`;
  }
  const outline = rect(0, 0, w, h, state === "done" ? 0 : r, "shape");
  return state === "stopped" ? outline + `<rect width="${w}" height="${h}" rx="${r}" fill="url(#k8s-hatch)"/>` : outline;
}
/** The state that a box shows. @param {Box} b */
function shown(b) {
  return b.u && b.s === "running" ? "failed" : String(b.s ?? "");
}
/** @param {number} w @param {number} h @param {Box} b */
function frameOf(w, h, b) {
  return b.s === "running" && !b.u ? rect(0, 0, w, h, 9, "box") : shape(w, h, 9, shown(b), h > 60);
}
const pale = (/** @type {Box} */ b) => (b.s === "stopped" ? "pale" : "");

/** @type {Object<string, (b: Box, s: Speaker) => string>} */
const KINDS = {
  plane(b, s) {
    const word = s.say(b.r), right = b.w - 18, start = right - px(word, 13, true);
    return rect(0, 0, b.w, b.h, 14, "plane") + text(18, 26, s.say(b.l), "b", 15) + use(b.s, start - 18, 16, 12, "sym") +
      text(right, 26, word, "b e t") + text(start - 28, 26, s.say(b.n), "s e");
  },
  bar(b, s) {
    const tall = b.h > 60, y = tall ? 8 : half(b.h) - 18, size = tall ? 30 : 36;
    let label = line(size + 22, y + half(size) + 6, s.say(b.l), "b o", 160, [17, 15]), extra = "";
    const down = (b.s ?? "running") !== "running";
    if (down || b.u) {
      const left = tall ? b.w - 150 : size + 22, low = tall ? 14 : b.h - 20;
      if (!tall) label = line(size + 22, y + 15, s.say(b.l), "b o", 160, [17, 15]);
      extra = use(b.s, left, low, 12, "sym o") + text(left + 18, low + 11, s.say(b.n), "b o");
    }
    const ring = rect(0, 0, b.w, b.h, 10, "bar") + (down ? rect(0, 0, b.w, b.h, 10, "edge bad") : "");
    return ring + use(s.icon(b.c), 12, y, size) + label + extra;
  },
  stage(b, s) {
    const state = b.s ?? "";
    const arrow = b.f ? "" : '<path d="M-9 10l5 5l-5 5" class="arrow"/>';
    const mark = state === "refused" ? use("failed", 8, 10, 10, "sym failed") : "";
    const classes = { "": "stage", ok: "stage lit", refused: "stage no" }[state] ?? "stage";
    const ink = { "": "b c o", ok: "b c k", refused: "b c x" }[state] ?? "b c o";
    return arrow + rect(0, 0, b.w, 30, 15, classes) + line(half(b.w), 20, s.say(b.l), ink, b.w - 18, [13, 12]) + mark;
  },
  part(b, s) {
    const word = s.say(b.n), at = half(b.w - px(word, 13) - 16);
    return frameOf(b.w, b.h, b) + use(s.icon(b.c), half(b.w) - 19, 8, 38, pale(b)) +
      line(half(b.w), 65, s.say(b.l), "b c", b.w - 14, [14, 13, 12]) + use(shown(b), at, 73, 11, "sym") + text(at + 16, 84, word, "t");
  },
  chip(b, s) {
    return frameOf(b.w, b.h, b) + use(s.icon(b.c), 6, 4, 20, pale(b)) + line(34, 19, s.say(b.l), "", b.w - 58, [13, 12]) +
      use(shown(b), b.w - 20, 9, 11, "sym");
  },
  agent(b, s) {
    const mark = shown(b) === "running" ? "" : use(shown(b), b.w - 18, 7, 12, "sym");
    return frameOf(b.w, b.h, b) + use(s.icon(b.c), half(b.w) - 14, 6, 28, pale(b)) +
      line(half(b.w), 49, s.say(b.l), "c", b.w - 8, [13, 12]) + mark;
  },
  client(b, s) {
    return rect(0, 0, b.w, b.h, 10, "panel") + use(s.icon(b.c), 10, half(b.h) - 18, 36) +
      line(54, half(b.h) + 5, s.say(b.l), "", b.w - 62, [14, 13, 12]);
  },
  card(b) {
    return rect(0, 0, b.w, b.h, 13, b.s === "running" && !b.o ? "panel" : "panel shape2");
  },
  plate(b, s) {
    const word = s.say(b.r), at = b.w - px(word, 14, true) - 2;
    let out = `<path d="M0 0H${b.w}" class="rule"/>` + line(0, 24, s.say(b.l), "b", 84, [15, 14, 12]) +
      use(b.s, at - 17, 13, 12, "sym") + text(at, 24, word, "b t", 14);
    if (b.g !== undefined) out += text(b.w, 43, fit(s.say(b.g), 142, 12), "e t", 12);
    if (b.a !== undefined && (b.w >= 300 || b.g === undefined)) out += share(88, 11, s.say("@board.cpu"), b.a) + share(88, 31, s.say("@board.memory"), b.b);
    return out;
  },
  shelf(b, s) {
    return rect(0, 0, b.w, b.h, 13, "panel ghost") + line(half(b.w), 21, s.say(b.l), "b c s", b.w - 14, [13, 12]);
  },
  slot(b) {
    return rect(0, 0, b.w, b.h, 8, "ghost");
  },
  pod(b, s) {
    const w = b.w;
    return shape(w, b.h, 9, b.s) + use(s.icon(b.c), 8, 8, 24, pale(b)) + line(37, 21, b.l, "b", w - 43, [14, 13, 12]) +
      text(37, 37, fit(b.n ?? "", w - 58, 12), "m") + use(b.s, w - 19, 26, 12, "sym") + rect(9, 47, w - 18, 6, 3, "track") +
      rect(9, 47, Math.max(4, Math.floor((b.m * (w - 18)) / 100)), 6, 3, "fill");
  },
  dot(b) {
    return shape(b.w, b.h, 5, b.s, false) + use(b.s, 5, 5, 10, "sym");
  },
  pill(b, s) {
    const label = b.l === "coredns" ? s.text("board.coredns") : b.l;
    const outline = b.s === "running" ? rect(0, 0, b.w, b.h, 12, "box") : shape(b.w, b.h, 12, b.s, false);
    return outline + use(s.icon(b.c), 5, 4, 16) + line(25, 16, label, "", b.w - 44, [12]) + use(b.s, b.w - 17, 7, 10, "sym");
  },
  more(b, s) {
    return text(b.w, 15, s.say(b.l), "b e s");
  },
};

/** @param {number} x @param {number} y @param {string} label @param {number} percent */
function share(x, y, label, percent) {
  const used = percent ? `<rect x="${x + 41}" y="${y + 2}" width="${Math.max(2, Math.floor((percent * 41) / 100))}" height="7" rx="3" class="used"/>` : "";
  return text(x, y + 10, label, "s", 12) + rect(x + 41, y + 2, 41, 7, 3, "track") + used;
}

/** The drawing of one box, its corner at 0, 0. @param {Box} box @param {Speaker} speaker */
export function inner(box, speaker) {
  return KINDS[box.k](box, speaker);
}

/** A line between a part and the bar. @param {Box} one */
export function link(one) {
  const path = pathOf(one.p);
  if (one.s === "cut") {
    const [x, y] = middle(one.p);
    return `<path d="${path}" class="wire cut"/><path d="M${x - 6} ${y - 6}l12 12M${x + 6} ${y - 6}l-12 12" class="cross"/>`;
  }
  const classes = { watch: "wire watch", request: "wire", cable: "wire cable" }[/** @type {"watch"} */ (one.k)];
  return `<path d="${path}" class="${classes}${one.s ? " down" : ""}"/>`;
}

/** A message: the line it takes, an arrow, its number. @param {Box} one */
export function flow(one) {
  const [x, y] = middle(one.p);
  return `${way(one)}${number(x, y, one.n)}`;
}
/** @param {Box} one */
function way(one) {
  const classes = { request: "go", write: "go write", watch: "go tell", call: "go" }[/** @type {"call"} */ (one.k)];
  return `<path d="${pathOf(one.p)}" class="${classes}"/>${head(one.p)}`;
}
/** @param {number} x @param {number} y @param {number} n */
function number(x, y, n) {
  return `<circle cx="${x}" cy="${y}" r="10" class="dot"/><text x="${x}" y="${y + 5}" class="b c d">${n}</text>`;
}
/** @param {number[]} p */
function pathOf(p) {
  const pairs = [];
  for (let i = 0; i < p.length; i += 2) pairs.push(`${p[i] + 1} ${p[i + 1] + 1}`);
  return "M" + pairs.join("L");
}
/** The middle of the longest stretch. @param {number[]} p @returns {[number, number]} */
function middle(p) {
  let best = -1;
  /** @type {[number, number]} */
  let found = [0, 0];
  for (let i = 0; i + 3 < p.length; i += 2) {
    const length = Math.abs(p[i + 2] - p[i]) + Math.abs(p[i + 3] - p[i + 1]);
    if (length > best) {
      best = length;
      found = [half(p[i] + p[i + 2]) + 1, half(p[i + 1] + p[i + 3]) + 1];
    }
  }
  return found;
}
/** @param {number[]} p */
function head(p) {
  let [x, y, u, v] = p.slice(-4);
  const dx = Math.sign(u - x), dy = Math.sign(v - y);
  u += 1;
  v += 1;
  return `<path d="M${u} ${v}L${u - 8 * dx + 5 * dy} ${v - 8 * dy + 5 * dx}L${u - 8 * dx - 5 * dy} ${v - 8 * dy - 5 * dx}Z" class="head"/>`;
}
/** The point at a fraction of a way. @param {number[]} p @param {number} fraction @returns {[number, number]} */
export function along(p, fraction) {
  const lengths = [];
  for (let i = 0; i + 3 < p.length; i += 2) lengths.push(Math.abs(p[i + 2] - p[i]) + Math.abs(p[i + 3] - p[i + 1]));
  let left = lengths.reduce((sum, one) => sum + one, 0) * fraction;
  for (let i = 0; i < lengths.length; i += 1) {
    if (left <= lengths[i] || i === lengths.length - 1) {
      const part = lengths[i] ? Math.min(1, left / lengths[i]) : 1;
      return [p[2 * i] + (p[2 * i + 2] - p[2 * i]) * part + 1, p[2 * i + 1] + (p[2 * i + 3] - p[2 * i + 1]) * part + 1];
    }
    left -= lengths[i];
  }
  return [p[0], p[1]];
}

/** What a screen reader calls a box. @param {Box} b @param {Speaker} s */
export function nameOf(b, s) {
  const state = b.d ?? (b.n !== undefined && PARTS.includes(b.k) ? s.say(b.n) : b.s ? s.text("state." + b.s) : "");
  if (PODS.includes(b.k)) return `${s.text("board.pod")} ${b.i.split("/").pop()}, ${state}`;
  if (b.k === "card") return `${s.text("board.node")} ${s.say(b.l)}, ${s.text(b.s === "running" ? "state.ready" : "state.notready")}`;
  const node = b.i.includes("@") && ["agent", "chip"].includes(b.k) ? ` (${b.i.split("@")[1]})` : "";
  return `${s.say(b.l)}${node}${state && b.k !== "client" ? `, ${state}` : ""}`;
}

/** What can be done with a box: the fault menu. @param {Box} b @returns {string[]} */
export function verbsOf(b) {
  if (PARTS.includes(b.k)) {
    const alive = b.s === "running" || b.s === "pending";
    return [...(alive ? ["crash", "stop"] : ["restart"]), b.u ? "heal" : "cut"];
  }
  if (b.k === "card") return [b.q ? "uncordon" : "cordon", "drain", b.u ? "heal" : "cut", b.o ? "power_on" : "power_off"];
  if (PODS.includes(b.k)) return ["crash", "delete"];
  return [];
}

// --- the view ----------------------------------------------------------------------------------------------------

/** @param {string} tag @param {Object<string, any>} [attributes] @param {...(Node|string)} children */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

const GLYPHS = {
  start: "M5 5v14M19 5l-9 7l9 7z", back: "M17 5l-10 7l10 7z", forward: "M7 5l10 7l-10 7z", play: "M7 4l13 8l-13 8z",
  pause: "M7 4v16M17 4v16", end: "M19 5v14M5 5l9 7l-9 7z", bolt: "M13 3L5 14h6l-1 7l8-11h-6z", moon: "M19 14A8 8 0 0 1 10 5a7.5 7.5 0 1 0 9 9z",
  close: "M6 6l12 12M18 6L6 18",
};
/** @param {string} name */
function glyph(name) {
  return `<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="${GLYPHS[/** @type {"play"} */ (name)]}"/></svg>`;
}

/** One board on a page. */
export class View {
  /** @param {HTMLElement} root @param {Host} host */
  constructor(root, host) {
    this.host = host;
    this.root = root;
    /** @type {Ui} */
    this.ui = { language: "en", restaurant: false, theme: "auto", speed: 1, ...host.ui() };
    this.playing = false;
    this.layout = "wide";
    /** @type {Map<string, {group: SVGGElement, drawn: string}>} */
    this.groups = new Map();
    /** @type {ReturnType<typeof setTimeout>[]} */
    this.timers = [];
    /** @type {Frame | null} */
    this.frame = null;
    this.selected = "";
    this.drawnBack = "";
    this.ended = false;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this._retheme = () => this.retheme();
    this.build();
    this.retheme();
    this.words();
    this.show();
    this.unlisten = host.listen(() => this.show());
    this.dark.addEventListener("change", this._retheme);
    this.observer = new MutationObserver(this._retheme);
    this.observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-md-color-scheme"] });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.app);
  }

  /** Forget everything that outlives the element. */
  close() {
    this.playing = false;
    this.unlisten();
    this.dark.removeEventListener("change", this._retheme);
    this.observer.disconnect();
    this.sizes.disconnect();
    this.clear();
    this.app.remove();
  }

  get speaker() {
    return new Speaker(this.ui.language, this.ui.restaurant);
  }

  /** The page's elements, once; their words come and go with `words()`. */
  build() {
    const button = (/** @type {string} */ name, /** @type {() => void} */ act, extra = "") =>
      element("button", { type: "button", class: `k8s-b ${extra}`, "data-word": `menu.${name}`, onclick: act });
    this.title = element("strong", { class: "k8s-title" });
    this.counts = element("span", { class: "k8s-soft" });
    this.road = element("span", { class: "k8s-road", hidden: true });
    this.choices = element("div", { class: "k8s-seg", role: "group", "data-word": "menu.vocabulary" },
      element("button", { type: "button", "data-text": "menu.kubernetes", onclick: () => this.set({ restaurant: false }) }),
      element("button", { type: "button", "data-text": "menu.restaurant", onclick: () => this.set({ restaurant: true }) }));
    this.language = element("button", { type: "button", class: "k8s-b k8s-lang", "data-word": "menu.language",
      onclick: () => this.set({ language: this.ui.language === "en" ? "zh-TW" : "en" }) });
    this.language.innerHTML = '<span lang="en">EN</span> · <span lang="zh-Hant">繁中</span>';
    this.theme = button("theme", () => this.set({ theme: this.isDark() ? "light" : "dark" }));
    this.theme.innerHTML = glyph("moon");
    this.helper = button("help", () => this.help());
    this.helper.textContent = "?";
    const top = element("div", { class: "k8s-head" }, this.title, this.counts, this.road, element("span", { class: "k8s-gap" }),
      element("div", { class: "k8s-tools" }, this.choices, this.language, this.theme, this.helper));
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "k8s-board");
    this.svg.setAttribute("role", "group");
    this.svg.innerHTML = `<title></title><desc></desc>${LOOK.defs}<g></g><g></g><g></g><g class="k8s-flows"></g>`;
    [this.backs, this.links, this.fronts, this.flows] = this.svg.querySelectorAll(":scope > g");
    this.menu = element("div", { class: "k8s-menu", role: "menu", hidden: true });
    this.stage = element("div", { class: "k8s-stage" }, element("div", { class: "k8s-scroll" }, this.svg), this.menu);
    this.badge = element("span", { class: "k8s-number", "aria-hidden": "true" });
    this.sentence = element("p", {});
    this.said = element("div", { class: "k8s-say" }, this.badge, this.sentence);
    this.buttons = {
      start: button("start", () => this.go("seek", { step: 0 })), back: button("back", () => this.go("back")),
      play: button("play", () => this.toggle(), "k8s-play"), forward: button("forward", () => this.go("step")),
    };
    for (const [name, one] of Object.entries(this.buttons)) one.innerHTML = glyph(name);
    this.range = /** @type {HTMLInputElement} */ (element("input", { type: "range", min: 0, step: 1, "data-word": "menu.timeline",
      oninput: () => this.go("seek", { step: Number(this.range.value) }) }));
    this.ticks = element("div", { class: "k8s-ticks", "aria-hidden": "true" });
    this.clock = element("div", { class: "k8s-clock" }, element("b"), element("span", { class: "k8s-soft" }));
    this.speed = element("button", { type: "button", class: "k8s-b k8s-speed", "data-word": "menu.speed",
      onclick: () => this.set({ speed: SPEEDS[(SPEEDS.indexOf(this.ui.speed) + 1) % SPEEDS.length] }) });
    this.fault = element("button", { type: "button", class: "k8s-fault", onclick: () => this.faults() });
    const bottom = element("div", { class: "k8s-transport", role: "group", "data-word": "menu.transport" },
      ...Object.values(this.buttons), element("div", { class: "k8s-line" }, this.ticks, this.range), this.clock, this.speed, this.fault);
    this.live = element("div", { class: "k8s-sr", role: "status", "aria-live": "polite" });
    this.details = element("section", { class: "k8s-details", hidden: true });
    this.app = element("div", { class: "k8s-app", tabindex: -1, role: "region", "data-lm-suppress-shortcuts": "true",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event) },
      element("style", {}, LOOK.style), top, this.stage, this.said, bottom, this.details, this.live);
    this.svg.addEventListener("click", (event) => this.click(event));
    this.root.append(this.app);
  }

  // --- how it looks ----------------------------------------------------------------------------------------------

  isDark() {
    if (this.ui.theme !== "auto") return this.ui.theme === "dark";
    const jupyter = document.body.getAttribute("data-jp-theme-light");
    if (jupyter) return jupyter === "false";
    const material = document.body.getAttribute("data-md-color-scheme");
    return material ? material === "slate" : this.dark.matches;
  }

  retheme() {
    this.app.setAttribute("data-theme", this.isDark() ? "dark" : "light");
  }

  /** @param {Partial<Ui>} change */
  set(change) {
    this.ui = { ...this.ui, ...change };
    this.host.keep(this.ui);
    this.retheme();
    this.words();
    this.show();
  }

  /** Every word that is not in the drawing. */
  words() {
    const s = this.speaker;
    this.app.setAttribute("lang", HTML_LANG[/** @type {"en"} */ (this.ui.language)]);
    this.app.setAttribute("aria-label", s.text("menu.board"));
    for (const one of this.app.querySelectorAll("[data-word]")) {
      const label = s.text(/** @type {string} */ (one.getAttribute("data-word")));
      one.setAttribute("aria-label", label);
      one.setAttribute("title", label);
    }
    for (const one of this.app.querySelectorAll("[data-text]")) one.textContent = s.text(/** @type {string} */ (one.getAttribute("data-text")));
    const [first, second] = this.choices.children;
    first.setAttribute("aria-pressed", String(!this.ui.restaurant));
    second.setAttribute("aria-pressed", String(this.ui.restaurant));
    this.speed.textContent = `${this.ui.speed}×`;
    this.speed.setAttribute("aria-label", `${s.text("menu.speed")} ${this.ui.speed}×`);
    this.fault.innerHTML = `${glyph("bolt")}<span>${escape(s.text("menu.break_something"))}</span>`;
    this.fault.hidden = !this.host.live;
  }

  resize() {
    const room = this.app.clientWidth;
    const layout = !room || room >= MEDIUM_BELOW ? "wide" : room < NARROW_BELOW ? "narrow" : "medium";
    this.app.classList.toggle("k8s-small", room > 0 && room < SMALL_BELOW);
    if (layout !== this.layout) {
      this.layout = layout;
      this.go("layout", { layout });
    }
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  /** Draw what the host has now; a step forward is animated. */
  show() {
    const frame = this.host.frame();
    if (!frame || !frame.boxes) return;
    const before = this.frame;
    const forward = before !== null && frame.step === before.step + 1;
    const moved = before === null || frame.step !== before.step;
    this.frame = frame;
    this.clear();
    const s = this.speaker;
    const animated = forward && !this.still.matches;
    this.drawHead(frame, s);
    this.drawBoxes(frame, s, animated && frame.flows.length > 0);
    this.drawLinks(frame);
    this.drawFlows(frame, animated);
    this.drawTime(frame, s, moved && before !== null);
    void this.reinspect();
  }

  /** @param {Frame} frame @param {Speaker} s */
  drawHead(frame, s) {
    const name = s.cluster(frame.name);
    this.title.textContent = name;
    this.counts.textContent = s.text("board.counts", { version: frame.version, nodes: frame.workers, pods: frame.pods });
    this.svg.setAttribute("viewBox", `0 0 ${frame.w} ${frame.h}`);
    const [title, desc] = this.svg.children;
    title.textContent = s.text("board.title", { name });
    desc.textContent = frame.desc?.[this.ui.language] ?? "";
    if (this.host.caption) {
      this.host.caption.textContent = s.text("board.caption", { name, seconds: frame.t });
      this.host.caption.setAttribute("lang", HTML_LANG[/** @type {"en"} */ (this.ui.language)]);
    }
    const road = /** @type {any} */ (frame).road;
    this.road.hidden = road === undefined;
    if (road !== undefined) this.road.textContent = s.text("menu.fork_note", { step: road });
  }

  /** @param {Frame} frame @param {Speaker} s @param {boolean} late stages light up one by one */
  drawBoxes(frame, s, late) {
    const active = new Set(frame.active);
    const there = new Set();
    frame.boxes.forEach((box) => {
      const id = box.i ? `${["card", "plate", "plane"].includes(box.k) ? `${box.k}/` : ""}${box.i}` : `${box.k}/${box.x},${box.y}`;
      there.add(id);
      const wait = late && box.k === "stage" && box.s;
      this.drawBox(id, wait ? { ...box, s: "" } : box, s, active.has(box.i) && !["card", "plane"].includes(box.k));
      if (wait) this.later(HOP_MS * 0.6 + 110 * LOOK.stages.indexOf(box.l.slice(7)), () => this.drawBox(id, box, this.speaker, false));
    });
    for (const [id, { group }] of this.groups) {
      if (!there.has(id)) {
        this.groups.delete(id);
        group.classList.add("k8s-gone");
        setTimeout(() => group.remove(), this.still.matches ? 0 : 300);
      }
    }
  }

  /** @param {string} id @param {Box} box @param {Speaker} s @param {boolean} active */
  drawBox(id, box, s, active) {
    let known = this.groups.get(id);
    const layer = BACK.includes(box.k) ? this.backs : this.fronts;
    if (!known || known.group.dataset.kind !== box.k) {
      known?.group.remove();
      const group = document.createElementNS(SVG, "g");
      group.dataset.kind = box.k;
      group.dataset.id = box.i;
      known = { group, drawn: "" };
      this.groups.set(id, known);
      layer.append(group);
      if (this.frame && !this.still.matches && PODS.includes(box.k)) {
        group.classList.add("k8s-new");
        requestAnimationFrame(() => requestAnimationFrame(() => group.classList.remove("k8s-new")));
      }
    }
    const { group } = known;
    const ring = active ? `<rect x="-3" y="-3" width="${box.w + 6}" height="${box.h + 6}" rx="12" class="ring"/>` : "";
    const name = verbsOf(box).length || box.k === "client" ? nameOf(box, s) : "";
    const chosen = this.selected && this.selected === box.i && name ? '<title/>' : "";
    const drawn = `${shown(box)}|${inner(box, s)}${ring}${name}${chosen}`;
    group.style.transform = `translate(${box.x}px,${box.y}px)`;
    if (drawn === known.drawn) return;
    known.drawn = drawn;
    const back = box.k === "card" || box.k === "stage" || box.k === "shelf" || box.k === "slot";
    group.setAttribute("class", `${box.k === "stage" ? "" : shown(box)} ${name ? "k8s-part" : ""} ${chosen ? "k8s-chosen" : ""} ${group.classList.contains("k8s-new") ? "k8s-new" : ""} ${back ? "k8s-quick" : ""}`);
    const focus = name ? `<rect x="-2" y="-2" width="${box.w + 4}" height="${box.h + 4}" rx="11" class="k8s-focus"/>` : "";
    group.innerHTML = `${name ? `<title>${escape(name)}</title>` : ""}${inner(box, s)}${ring}${focus}`;
    if (name) {
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", name);
      group.setAttribute("aria-haspopup", "menu");
    }
  }

  /** @param {Frame} frame */
  drawLinks(frame) {
    const drawn = frame.links.map(link).join("");
    if (drawn !== this.drawnBack) this.links.innerHTML = this.drawnBack = drawn;
  }

  /** @param {Frame} frame @param {boolean} animated */
  drawFlows(frame, animated) {
    if (!animated) {
      this.flows.innerHTML = frame.flows.map(flow).join("");
      return;
    }
    this.flows.innerHTML = "";
    const hop = Math.max(400, Math.min(700, HOP_MS / Math.max(0.5, this.ui.speed)));
    frame.flows.forEach((one, index) => this.later(index * hop, () => this.travel(one, hop)));
  }

  /** A numbered dot runs along its line and rests in its middle. @param {Box} one @param {number} hop */
  travel(one, hop) {
    const group = document.createElementNS(SVG, "g");
    group.innerHTML = way(one) + `<g class="k8s-dot">${number(0, 0, one.n)}</g>`;
    this.flows.append(group);
    const dot = /** @type {SVGGElement} */ (group.querySelector(".k8s-dot"));
    const began = performance.now();
    const run = (/** @type {number} */ now) => {
      if (!group.isConnected) return;
      const t = Math.max(0, Math.min(1, (now - began) / hop));
      const [x, y] = along(one.p, t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t));
      dot.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)})`);
      if (t < 1) requestAnimationFrame(run);
      else this.later(250, () => dot.setAttribute("transform", `translate(${middle(one.p).join(",")})`));
    };
    run(began);
  }

  /** @param {Frame} frame @param {Speaker} s @param {boolean} aloud */
  drawTime(frame, s, aloud) {
    const said = frame.say[this.ui.language]?.[this.ui.restaurant ? 1 : 0] ?? "";
    this.sentence.textContent = said;
    this.badge.textContent = frame.flows.length ? String(frame.main || 1) : "·";
    if (aloud) this.live.textContent = said;
    const position = s.text("menu.step_of", { step: frame.step, steps: frame.steps });
    const time = s.text("menu.time", { seconds: frame.t.toFixed(2) });
    this.clock.children[0].textContent = time;
    this.clock.children[1].textContent = position;
    this.range.max = String(frame.steps);
    this.range.value = String(frame.step);
    this.range.setAttribute("aria-valuetext", `${position}, ${time}`);
    this.drawTicks(frame);
    this.buttons.play.innerHTML = glyph(this.playing ? "pause" : "play");
    this.buttons.play.setAttribute("aria-label", s.text(this.playing ? "menu.pause" : "menu.play"));
    this.buttons.play.setAttribute("title", s.text(this.playing ? "menu.pause" : "menu.play"));
    for (const name of /** @type {const} */ (["start", "back"])) this.buttons[name].toggleAttribute("disabled", frame.step <= (frame.first ?? 0));
    this.app.classList.toggle("k8s-past", frame.step < frame.steps && this.host.live && !frame.lingers);
  }

  /** A tick per step, at most 240; a fault or a failure in a tick shows. @param {Frame} frame */
  drawTicks(frame) {
    const kinds = this.host.ticks();
    const bins = Math.min(240, Math.max(1, frame.steps));
    const each = Math.max(1, frame.steps) / bins;
    const key = `${kinds.length}/${frame.steps}`;
    if (this.ticks.dataset.key !== key) {
      this.ticks.dataset.key = key;
      const heights = { d: 22, x: 26, "!": 26, r: 16 };
      let marks = "";
      for (let bin = 0; bin < bins && frame.steps; bin += 1) {
        const part = kinds.slice(Math.floor(bin * each), Math.max(Math.floor((bin + 1) * each), Math.floor(bin * each) + 1));
        const kind = [..."x!dr"].find((one) => part.includes(one)) ?? "o";
        const h = heights[/** @type {"d"} */ (kind)] ?? 11;
        const left = (100 * (bin + 1) * each) / frame.steps;
        marks += `<i style="left:${left.toFixed(2)}%;height:${h}px" class="${kind === "x" || kind === "!" ? "k8s-bad" : ""}"></i>`;
      }
      this.ticks.innerHTML = `<u></u>${marks}`;
    }
    /** @type {HTMLElement} */ (this.ticks.firstElementChild).style.width = `${frame.steps ? (100 * frame.step) / frame.steps : 0}%`;
  }

  /** @param {number} delay @param {() => void} act */
  later(delay, act) {
    this.timers.push(setTimeout(act, delay / Math.max(1, this.ui.speed)));
  }

  clear() {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }

  // --- time ------------------------------------------------------------------------------------------------------

  /** Send a command; what went wrong is said. @param {string} command @param {Object<string, any>} [values] */
  async go(command, values = {}) {
    if (command === "step" || command === "back" || command === "seek") this.hideMenu();
    const reply = await this.host.send(command, values);
    if (reply && reply.ok === false) this.tell(this.speaker.text("menu.failed", { reason: reply.error }));
    else if (reply?.ended) this.tell(this.speaker.text(this.host.live ? "menu.nothing" : "menu.finished", { seconds: reply.seconds }));
    return reply;
  }

  /** @param {string} message */
  tell(message) {
    this.sentence.textContent = message;
    this.badge.textContent = "!";
    this.live.textContent = message;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.frame) this.drawTime(this.frame, this.speaker, false);
    if (this.playing) this.play();
  }

  /** Step after step, each with the time that it needs to be seen. */
  async play() {
    const run = (this.run = {});
    const ran = this.frame && this.frame.step >= this.frame.steps;
    if (ran && !this.host.live) await this.go("seek", { step: 0 });
    while (this.playing && this.run === run && this.app.isConnected) {
      const began = performance.now();
      const reply = await this.go("step", { playing: true });
      if (!reply || reply.ok === false || reply.ended) break;
      const flows = this.frame?.flows.length ?? 0;
      const rest = (REST_MS + flows * HOP_MS) / this.ui.speed - (performance.now() - began);
      await new Promise((done) => setTimeout(done, Math.max(60, rest)));
    }
    if (this.run === run) this.playing = false;
    if (this.frame) {
      const said = this.sentence.textContent ?? "", badge = this.badge.textContent;
      this.drawTime(this.frame, this.speaker, false);
      this.sentence.textContent = said;
      this.badge.textContent = badge;
    }
  }

  // --- keys and clicks -------------------------------------------------------------------------------------------

  /** Keys work only while the focus is on the board. @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    const onButton = target.tagName === "BUTTON" || target.tagName === "INPUT" || target.tagName === "TEXTAREA";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: () => this.go("back"), ArrowRight: () => this.go("step"), Home: () => this.go("seek", { step: 0 }),
      End: () => this.go("seek", { step: this.frame?.steps ?? 0 }), "+": () => this.faster(1), "-": () => this.faster(-1),
      "?": () => this.help(), Escape: () => this.escape() };
    const inMenu = this.menu.contains(target);
    /** @type {(() => unknown) | undefined} */
    let act = steps[/** @type {"Home"} */ (event.key)];
    if (inMenu && (event.key === "ArrowDown" || event.key === "ArrowUp")) act = () => this.walk(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === " " && !onButton) act = () => this.toggle();
    else if (event.key === "Enter" && !onButton && target.closest(".k8s-part")) act = () => this.open(/** @type {SVGGElement} */ (target.closest(".k8s-part")));
    event.stopPropagation();
    if (act) {
      event.preventDefault();
      act();
    }
  }

  /** @param {number} by */
  faster(by) {
    const at = SPEEDS.indexOf(this.ui.speed) + by;
    if (SPEEDS[at]) this.set({ speed: SPEEDS[at] });
  }

  escape() {
    if (!this.menu.hidden) return this.hideMenu(true);
    this.details.hidden = true;
    this.select("");
  }

  /** @param {MouseEvent} event */
  click(event) {
    const group = /** @type {Element} */ (event.target).closest(".k8s-part");
    if (group) this.open(/** @type {SVGGElement} */ (group));
    else this.hideMenu();
  }

  /** @param {string} id */
  select(id) {
    this.selected = id;
    if (this.frame) this.drawBoxes(this.frame, this.speaker, false);
  }

  // --- menu ------------------------------------------------------------------------------------------------------

  /** The menu of a part, beside it, and the inspector. @param {SVGGElement} group */
  open(group) {
    const box = this.frame?.boxes.find((one) => one.i === group.dataset.id && one.k === group.dataset.kind);
    if (!box) return;
    this.opener = group;
    this.select(box.i);
    const s = this.speaker;
    const verbs = this.host.live ? verbsOf(box) : [];
    if (verbs.length) {
      this.showMenu(group.getBoundingClientRect(), nameOf(box, s), verbs.map((verb) => ({ text: s.text("menu." + verb), act: () => this.act(box, verb) })));
    } else this.hideMenu();
    this.inspect(box);
  }

  /** The menu without a part: choose one first. */
  faults() {
    const s = this.speaker;
    const boxes = (this.frame?.boxes ?? []).filter((box) => ["bar", "part", "card"].includes(box.k));
    const items = boxes.map((box) => ({ text: nameOf(box, s), act: () => {
      const group = [...this.groups.values()].find((one) => one.group.dataset.id === box.i && one.group.dataset.kind === box.k)?.group;
      if (group) this.open(group);
    } }));
    this.opener = this.fault;
    this.showMenu(this.fault.getBoundingClientRect(), s.text("menu.choose"), items);
  }

  /** @param {DOMRect} at @param {string} title @param {{text: string, act: () => void}[]} items */
  showMenu(at, title, items) {
    const close = () => this.hideMenu();
    this.menu.replaceChildren(element("div", { class: "k8s-menu-title" }, title), ...items.map((item) =>
      element("button", { type: "button", role: "menuitem", onclick: () => { close(); item.act(); } }, item.text)));
    this.menu.hidden = false;
    this.menu.setAttribute("aria-label", title);
    const stage = this.stage.getBoundingClientRect();
    const left = Math.max(4, Math.min(at.left - stage.left, stage.width - this.menu.offsetWidth - 4));
    const below = at.bottom - stage.top + 6;
    const fits = below + this.menu.offsetHeight < stage.height;
    const top = fits ? below : Math.max(4, at.top - stage.top - this.menu.offsetHeight - 6);
    this.menu.style.left = `${left}px`;
    this.menu.style.top = `${Math.max(4, Math.min(top, stage.height - this.menu.offsetHeight - 4))}px`;
    /** @type {HTMLElement} */ (this.menu.querySelector("button"))?.focus({ preventScroll: true });
  }

  /** @param {boolean} [back] give the focus back */
  hideMenu(back) {
    this.menu.hidden = true;
    if (back) /** @type {HTMLElement | undefined} */ (this.opener)?.focus({ preventScroll: true });
  }

  /** @param {number} by */
  walk(by) {
    const items = [...this.menu.querySelectorAll("button")];
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (this.menu.ownerDocument.activeElement ?? items[0]));
    items[(at + by + items.length) % items.length]?.focus();
  }

  help() {
    const s = this.speaker;
    const lines = s.text("menu.keys").split(" · ").map((one) => ({ text: one, act: () => undefined }));
    this.opener = this.helper;
    this.showMenu(this.helper.getBoundingClientRect(), s.text("menu.help"), lines);
  }

  /** Do something to a part; in the past only on another road. @param {Box} box @param {string} verb */
  async act(box, verb) {
    const frame = this.frame;
    if (!frame) return;
    const values = { part: box.i, verb };
    if (frame.step >= frame.steps || frame.lingers) {
      await this.go("action", values);
      return;
    }
    const s = this.speaker;
    this.showMenu(this.said.getBoundingClientRect(), `${s.text("menu.past", { step: frame.step, steps: frame.steps })} ${s.text("menu.past_question")}`, [
      { text: s.text("menu.other_road"), act: () => void this.go("action", { ...values, road: frame.step }) },
      { text: s.text("menu.close"), act: () => undefined },
    ]);
  }

  // --- inspector -------------------------------------------------------------------------------------------------

  /** @param {Box} box */
  async inspect(box) {
    const s = this.speaker;
    const kind = PODS.includes(box.k) ? "pod" : box.k === "card" ? "node" : box.i.split("@")[0];
    const heading = nameOf(box, s);
    if (this.details.hidden || this.details.dataset.about !== box.i) this.drawDetails(box.i, heading, kind, {});
    const reply = this.host.live ? await this.host.send("select", { part: box.i }) : {};
    const now = this.frame?.boxes.find((one) => one.i === box.i && one.k === box.k) ?? box;
    if (reply?.ok !== false && this.selected === box.i) this.drawDetails(box.i, nameOf(now, s), kind, reply ?? {});
  }

  /** What is told of a part; drawn again only when it has changed. @param {string} about @param {string} heading @param {string} kind @param {any} reply */
  drawDetails(about, heading, kind, reply) {
    const s = this.speaker;
    const acts = (reply.acts ?? []).map((/** @type {any} */ one) => one[this.ui.language]?.[this.ui.restaurant ? 1 : 0] ?? "");
    const sees = reply.sees?.[this.ui.language] ?? "";
    const told = JSON.stringify([about, heading, s.text("inspector." + kind), acts, sees, reply.yaml]);
    if (this.told === told && !this.details.hidden) return;
    this.told = told;
    const open = new Set([...this.details.querySelectorAll("details[open]")].map((one) => /** @type {HTMLElement} */ (one).dataset.fold));
    const first = this.details.hidden || !this.details.querySelector("details");
    const folded = (/** @type {string} */ word, /** @type {string} */ content) => this.folded(word, content, first ? word === "sees" : open.has(word));
    const close = element("button", { type: "button", class: "k8s-b k8s-x", "aria-label": s.text("menu.close"), onclick: () => this.escape() });
    close.innerHTML = glyph("close");
    this.details.dataset.about = about;
    this.details.replaceChildren(close, element("h4", {}, heading), element("p", {}, s.text("inspector." + kind)), ...folded("sees", sees),
      ...(acts.length ? [element("h5", {}, s.text("inspector.acts")), element("ol", {}, ...acts.map((/** @type {string} */ one) => element("li", {}, one)))] : []),
      ...folded("yaml", reply.yaml));
    this.details.hidden = false;
  }

  /** The inspector tells of the step that is shown. */
  async reinspect() {
    const box = this.frame?.boxes.find((one) => one.i === this.selected && verbsOf(one).length);
    if (this.details.hidden || !box) return;
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    await this.inspect(box);
    this.asking = false;
    if (this.again) await this.reinspect();
  }

  /** @param {string} word @param {string} content @param {boolean} open */
  folded(word, content, open) {
    if (!content) return [];
    return [element("details", { open, "data-fold": word }, element("summary", {}, this.speaker.text("inspector." + word)), element("pre", { tabindex: 0 }, content))];
  }
}

// --- hosts -------------------------------------------------------------------------------------------------------

/** The host in a notebook: a kernel behind an anywidget model. @param {any} model @returns {Host & {close: () => void}} */
export function modelHost(model) {
  /** @type {Map<string, (reply: any) => void>} */
  const waiting = new Map();
  const mine = Math.random().toString(36).slice(2);
  let count = 0;
  const answered = (/** @type {any} */ message) => {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  model.on("msg:custom", answered);
  return {
    live: true,
    frame: () => model.get("frame"),
    ticks: () => model.get("ticks"),
    ui: () => model.get("ui"),
    keep: (ui) => {
      model.set("ui", ui);
      model.save_changes();
    },
    send: (command, values = {}) => new Promise((done) => {
      const id = `${mine}/${(count += 1)}`;
      waiting.set(id, done);
      model.send({ ...values, id, command });
    }),
    listen: (changed) => {
      model.on("change:frame", changed);
      return () => model.off("change:frame", changed);
    },
    close: () => model.off("msg:custom", answered),
  };
}

/** Whole frames: a recording keeps boxes and links once. @param {any} recording @param {string} layout @returns {Frame[]} */
export function unpooled(recording, layout) {
  const kept = recording.frames[layout] ?? Object.values(recording.frames)[0];
  const whole = (/** @type {number[]} */ numbers) => numbers.map((number) => recording.pool[number]);
  return kept.map((/** @type {any} */ frame) => ({ ...frame, boxes: whole(frame.boxes), links: whole(frame.links) }));
}

/** The host on a page: recorded frames, no kernel. @param {any} recording @param {Partial<Ui>} ui @param {Element | null} [caption] says what is shown @returns {Host} */
export function recordedHost(recording, ui, caption) {
  const first = recording.first ?? 0;
  let layout = "wide";
  /** @type {Frame[]} */
  let frames = unpooled(recording, layout);
  let at = recording.at ?? 0;
  /** @type {(() => void)[]} */
  const listeners = [];
  const move = (/** @type {number} */ to) => {
    at = Math.max(0, Math.min(frames.length - 1, to));
    for (const one of listeners) one();
  };
  const last = first + frames.length - 1;
  return {
    live: false,
    caption,
    frame: () => ({ ...frames[at], steps: last, first }),
    ticks: () => "".padEnd(first, "o") + recording.ticks,
    ui: () => ui,
    keep: (kept) => Object.assign(ui, kept),
    send: async (command, values = {}) => {
      if (command === "step") {
        if (at >= frames.length - 1) return { ok: true, ended: true };
        move(at + 1);
      } else if (command === "back") move(at - 1);
      else if (command === "seek") move(values.step - first);
      else if (command === "layout") {
        layout = values.layout;
        frames = unpooled(recording, layout);
        move(at);
      }
      return { ok: true };
    },
    listen: (changed) => {
      listeners.push(changed);
      return () => void listeners.splice(listeners.indexOf(changed), 1);
    },
  };
}

/** Turn every `figure.k8s-player` of a page into a player. @param {ParentNode} [page] @returns {View[]} */
export function hydrate(page = document) {
  return [...page.querySelectorAll("figure.k8s-player:not([data-ready])")].map((figure) => {
    figure.setAttribute("data-ready", "");
    const data = JSON.parse(figure.querySelector("script[type='application/json']")?.textContent ?? "{}");
    const still = figure.querySelector(".k8s-still");
    const place = document.createElement("div");
    still?.replaceWith(place);
    const ui = { language: figure.getAttribute("data-language") ?? "en" };
    return new View(place, recordedHost(data, ui, figure.querySelector("figcaption")));
  });
}

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const host = modelHost(model);
    const view = new View(el, host);
    return () => {
      view.close();
      host.close();
    };
  },
};

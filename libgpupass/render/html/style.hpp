// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gpupass {

/// How the pages look, for narrow and wide, bright and dark screens.
inline constexpr std::string_view kPageStyle = R"(<style>
:root { color-scheme: light dark; --page: #ffffff; --text: #1c2733; --quiet: #53606e; --edge: #c3ccd6; --card: #f6f8fa;
  --good: #1d7a38; --caution: #8f5600; --bad: #b81c26 }
@media (prefers-color-scheme: dark) { :root { --page: #14181d; --text: #e3e8ee; --quiet: #a5b1bf; --edge: #3b4652;
  --card: #1c2229; --good: #6fd189; --caution: #edb85c; --bad: #ff8b90 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 96rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, "DejaVu Sans", "Liberation Sans", sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem }
h2 { font-size: 1.05rem; margin: 0; display: flex; flex-wrap: wrap; gap: .25rem .6rem; align-items: baseline }
p { margin: .25rem 0 }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .85em }
.quiet { color: var(--quiet) }
.cards { columns: 26rem; column-gap: 1rem; margin: 1.25rem 0 .5rem }
section { break-inside: avoid; margin-bottom: 1rem; background: var(--card); border: 1px solid var(--edge); border-left: .35rem solid var(--edge);
  border-radius: .5rem; padding: .75rem 1rem; min-width: 0 }
section.pass { border-left-color: var(--good) }
section.warn, section.unknown { border-left-color: var(--caution) }
section.fail { border-left-color: var(--bad) }
ul { list-style: none; margin: .5rem 0 0; padding: 0 }
li { padding: .5rem 0; border-top: 1px solid var(--edge) }
b.pass { color: var(--good) }
b.warn, b.unknown { color: var(--caution) }
b.fail { color: var(--bad) }
pre { white-space: pre-wrap; margin: .35rem 0 0; padding: .4rem .6rem; background: var(--page);
  border: 1px solid var(--edge); border-radius: .3rem }
details { margin-top: .5rem }
summary { cursor: pointer; color: var(--quiet) }
.picture { overflow-x: auto; margin-top: .75rem; border: 1px solid var(--edge); border-radius: .5rem }
.picture svg { display: block; max-width: 100%; min-width: 36rem; height: auto; margin: 0 auto }
footer { margin-top: 1.5rem; color: var(--quiet); font-size: .85rem }
@media (max-width: 30rem) { body { padding: .75rem } h1 { font-size: 1.3rem } section { padding: .6rem .75rem } }
</style>
)";

}  // namespace gpupass

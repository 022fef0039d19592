// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a page as the browser lays it out: a list of sentences. The test runs it; the page has no script.
(() => {
  const faults = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) faults.push(`the page is ${page.scrollWidth} wide on ${page.clientWidth}`);

  const brief = (element) => element.textContent.trim().slice(0, 60);
  for (const element of document.querySelectorAll("h1, h2, p, li, pre, summary, footer")) {
    const area = element.getBoundingClientRect();
    if (area.right > page.clientWidth + 0.5) faults.push(`"${brief(element)}" leaves the page`);
    if (element.scrollWidth > element.clientWidth + 1) faults.push(`"${brief(element)}" leaves its box`);
  }
  for (const group of document.querySelectorAll("svg g")) {
    const box = group.querySelector("rect").getBBox();
    for (const text of group.querySelectorAll("text")) {
      const area = text.getBBox();
      if (area.x < box.x || area.x + area.width > box.x + box.width || area.y < box.y || area.y + area.height > box.y + box.height)
        faults.push(`"${brief(text)}" leaves its box in the drawing`);
    }
  }

  // Contrast as WCAG 2 defines it; 4.5 is what ordinary text needs.
  const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(numbers(one)), luminance(numbers(other))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of document.querySelectorAll("h1, p, b, code, pre, summary, footer")) {
    const ratio = contrast(getComputedStyle(element).color, ground(element));
    if (ratio < 4.5) faults.push(`"${brief(element)}" has a contrast of ${ratio.toFixed(1)}`);
  }
  for (const group of document.querySelectorAll("svg g"))
    for (const text of group.querySelectorAll("text")) {
      const ratio = contrast(getComputedStyle(text).fill, getComputedStyle(group.querySelector("rect")).fill);
      if (ratio < 4.5) faults.push(`"${brief(text)}" has a contrast of ${ratio.toFixed(1)} in the drawing`);
    }
  return faults;
})()

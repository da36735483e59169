(selector => {
  const root = selector ? document.querySelector(selector) : document.body;
  if (!root) return null;
  const skipped = /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|SVG|IFRAME|OBJECT|CANVAS|HEAD)$/i;
  const block = /^(P|DIV|SECTION|ARTICLE|MAIN|HEADER|FOOTER|NAV|ASIDE|FORM|FIELDSET|FIGURE|DL|DT|DD|DETAILS|SUMMARY|ADDRESS|H[1-6]|UL|OL|LI|TABLE|PRE|BLOCKQUOTE|HR)$/;
  const words = text => text.replace(/[\s ]+/g, ' ');
  const hidden = element => {
    const style = getComputedStyle(element);
    return style.display === 'none' || style.visibility === 'hidden' || element.getAttribute('aria-hidden') === 'true';
  };
  // Texts run on within a block; blocks have empty lines between them.
  const inline = node => {
    if (node.nodeType === 3) return words(node.data);
    if (node.nodeType !== 1 || skipped.test(node.tagName) || hidden(node)) return '';
    const inner = () => [...(node.shadowRoot || node).childNodes].map(inline).join('');
    const around = mark => { const text = inner().trim(); return text ? mark + text + mark : ''; };
    switch (node.tagName) {
      case 'BR': return '\n';
      case 'STRONG': case 'B': return around('**');
      case 'EM': case 'I': return around('*');
      case 'CODE': return around('`');
      case 'IMG': return node.alt ? `![${words(node.alt).trim()}](${node.src.startsWith('data:') ? 'data:' : node.src})` : '';
      case 'A': {
        const text = inner().trim();
        return !text ? '' : node.href && !node.href.startsWith('javascript:') ? `[${text}](${node.href})` : text;
      }
      case 'INPUT': return node.type === 'hidden' || node.type === 'password' ? '' : ` [${node.type}: ${node.type === 'checkbox' || node.type === 'radio' ? (node.checked ? 'x' : ' ') : node.value}] `;
      case 'TEXTAREA': return ` [text: ${node.value}] `;
      case 'SELECT': return ` [select: ${[...node.selectedOptions].map(o => o.label).join(', ')}] `;
      case 'BUTTON': return ` [button: ${inner().trim()}] `;
      default: return inner();
    }
  };
  const hasBlocks = element => [...element.children].some(child => block.test(child.tagName) || hasBlocks(child));
  const cell = element => inline(element).trim().replace(/\n/g, ' ').replace(/\|/g, '\\|');
  const indent = (text, by) => text.split('\n').map((line, i) => i && line ? by + line : line).join('\n');
  const blocks = element => {
    const out = [];
    let run = '';
    const end = () => {
      const text = run.replace(/ *\n */g, '\n').trim();
      if (text) out.push(text);
      run = '';
    };
    for (const node of (element.shadowRoot || element).childNodes) {
      if (node.nodeType !== 1) { run += inline(node); continue; }
      if (skipped.test(node.tagName) || hidden(node)) continue;
      if (!block.test(node.tagName) && !hasBlocks(node)) { run += inline(node); continue; }
      end();
      const tag = node.tagName;
      if (/^H[1-6]$/.test(tag)) {
        const text = inline(node).trim();
        if (text) out.push('#'.repeat(+tag[1]) + ' ' + text);
      } else if (tag === 'HR') {
        out.push('---');
      } else if (tag === 'PRE') {
        out.push('```\n' + node.textContent.replace(/\n$/, '') + '\n```');
      } else if (tag === 'BLOCKQUOTE') {
        out.push(blocks(node).join('\n\n').split('\n').map(line => '> ' + line).join('\n'));
      } else if (tag === 'UL' || tag === 'OL') {
        const items = [...node.children].filter(child => child.tagName === 'LI' && !hidden(child)).map((item, i) => {
          const mark = tag === 'OL' ? (node.start + i) + '. ' : '- ';
          return mark + indent(blocks(item).join('\n'), ' '.repeat(mark.length));
        });
        if (items.length) out.push(items.join('\n'));
      } else if (tag === 'TABLE') {
        const rows = [...node.rows].filter(row => !hidden(row)).map(row => [...row.cells].map(cell));
        if (rows.length) {
          const wide = Math.max(...rows.map(row => row.length));
          const line = row => '| ' + [...row, ...Array(wide - row.length).fill('')].join(' | ') + ' |';
          out.push([line(rows[0]), line(Array(wide).fill('---')), ...rows.slice(1).map(line)].join('\n'));
        }
      } else {
        out.push(...blocks(node));
      }
    }
    end();
    return out;
  };
  return blocks(root).join('\n\n') + '\n';
})

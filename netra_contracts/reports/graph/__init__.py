"""The graph of components: what each requires and is wired to, drawn as SVG, Mermaid and DOT."""

import marimo

app = marimo.App()


@app.cell
def _():
    return (1 + 1,)


if __name__ == "__main__":
    app.run()

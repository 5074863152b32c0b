/** The OCA's format of scripts, styles and views. */
module.exports = {
    plugins: [require.resolve("@prettier/plugin-xml")],
    tabWidth: 4,
    printWidth: 88,
    bracketSpacing: false,
    semi: true,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
};

using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Testing;

public sealed class DocsTests
{
    [Theory]
    [InlineData("apps/invoices/Invoice.cs", "consumer")]
    [InlineData("Pipeline.Testing.Tests/InvoiceTests.cs", "handler")]
    [InlineData("Pipeline.Testing.Tests/InvoiceTests.cs", "simulation")]
    [InlineData("Pipeline.Testing.Tests/InvoiceTests.cs", "crash")]
    [InlineData("Pipeline.Testing.Tests/InvoiceTests.cs", "host")]
    [InlineData("apps/functions/Parcels.cs", "functions")]
    [InlineData("Pipeline.Local.Tests/Testing/ParcelTests.cs", "tests")]
    [InlineData("Pipeline.Local.Tests/Testing/OwnClientTests.cs", "clients")]
    public void The_code_in_the_docs_is_the_code_that_compiles_here(string file, string part)
    {
        var source = Repository.Text("tests/" + file);
        var start = source.IndexOf('\n', source.IndexOf($"// DOCS: {part}", StringComparison.Ordinal)) + 1;
        var code = source[start..source.IndexOf("// DOCS:", start, StringComparison.Ordinal)];
        var indent = code[..(code.Length - code.TrimStart().Length)];
        code = code.Replace("\n" + indent, "\n", StringComparison.Ordinal).Trim();
        Assert.Contains(code, Repository.Text("docs/guide/testing.md"), StringComparison.Ordinal);
    }
}

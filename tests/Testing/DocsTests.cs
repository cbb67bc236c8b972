using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Testing;

public sealed class DocsTests
{
    [Theory]
    [InlineData("apps/invoices/Invoice.cs", "consumer")]
    [InlineData("TestingPackage/InvoiceTests.cs", "handler")]
    [InlineData("TestingPackage/InvoiceTests.cs", "simulation")]
    [InlineData("TestingPackage/InvoiceTests.cs", "crash")]
    [InlineData("TestingPackage/InvoiceTests.cs", "host")]
    [InlineData("apps/functions/Parcels.cs", "functions")]
    [InlineData("Testing/ParcelTests.cs", "tests")]
    [InlineData("Testing/OwnClientTests.cs", "clients")]
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

using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Testing;

public sealed class DocsTests
{
    [Theory]
    [InlineData("functions")]
    [InlineData("tests")]
    public void The_code_in_the_docs_is_the_code_that_compiles_here(string part)
    {
        var source = Repository.Text("tests/Testing/Parcels.cs");
        var start = source.IndexOf('\n', source.IndexOf($"// DOCS: {part}", StringComparison.Ordinal)) + 1;
        var code = source[start..source.IndexOf("// DOCS:", start, StringComparison.Ordinal)].Trim();
        Assert.Contains(code, Repository.Text("docs/testing.md"), StringComparison.Ordinal);
    }
}

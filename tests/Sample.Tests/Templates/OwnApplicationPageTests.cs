using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Templates;

/// <summary>What pages show of an application of packages is in the template or on the page whose code TemplateTests compiles.</summary>
public sealed class OwnApplicationPageTests
{
    [Fact]
    public void The_page_of_failures_shows_the_handler_of_the_tutorial()
    {
        var handler = OwnApplicationPage.Files["services/Deliveries/DeliveriesState.cs"];
        var lines = Block("when-a-handler-fails.md", "csharp").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 3);
        Assert.All(lines, line => Assert.Contains(line, handler, StringComparison.Ordinal));
    }

    /// <summary>The fix replaces one line.</summary>
    [Fact]
    public void The_fix_of_the_tutorial_fits_its_handler()
    {
        var handler = OwnApplicationPage.Files["services/Deliveries/DeliveriesState.cs"].Split('\n').Select(l => l.Trim()).ToList();
        var lines = Block("your-own-application.md", "cs").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).ToList();
        Assert.Equal(lines[..^1], handler.SkipWhile(l => l != lines[0]).Take(lines.Count - 1));
        Assert.Equal(": \"courier\";", lines[^1]);
    }

    [Fact]
    public void The_page_of_tests_shows_the_project_of_the_template() => Assert.Contains(
        Repository.Text("src/Pipeline.Templates/content/pipeline/tests/tests.csproj").Replace("Company.App_1", "Billing", StringComparison.Ordinal).Trim(),
        Repository.Text("docs/guide/testing.md"),
        StringComparison.Ordinal);

    /// <summary>There is no <c>./pipeline</c> outside of a clone.</summary>
    [Fact]
    public void The_tool_of_the_tutorial_is_that_of_the_application()
    {
        Assert.DoesNotContain("./pipeline", OwnApplicationPage.Text, StringComparison.Ordinal);
        Assert.All(
            OwnApplicationPage.Text.Split('\n').Where(line => line.StartsWith("pipeline ", StringComparison.Ordinal)),
            line => Assert.Fail($"Without dotnet: {line}"));
    }

    private static string Block(string page, string language)
    {
        var text = Repository.Text($"docs/guide/{page}");
        var start = text.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }
}

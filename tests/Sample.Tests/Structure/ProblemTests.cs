using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Functions;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Structure;

/// <summary>The problems of the HTTP API: one list, documented, and every answer is of it.</summary>
public sealed class ProblemTests
{
    internal static IReadOnlyList<ProblemType> All { get; } = [.. ProblemTypes.All, .. OperatorProblems.All, .. WebhookProblems.All, .. SampleProblems.All];

    [Fact]
    public void The_page_of_problems_lists_each_with_its_status_title_and_meaning() => Assert.Equal(
        All.Select(p => string.Create(CultureInfo.InvariantCulture, $"| `{p.Uri}` | {p.Status} | {p.Title} | {p.Description} |")),
        Repository.Text("docs/reference/problems.md").Split('\n').Where(line => line.StartsWith("| `/api/problems/", StringComparison.Ordinal)));

    [Fact]
    public void Slugs_are_unique_and_titles_are_plain()
    {
        Assert.True(All.Count > 40);
        Assert.Equal(All.Count, All.Select(p => p.Slug).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(All.Count, All.Select(p => p.Title).Distinct(StringComparer.Ordinal).Count());
        Assert.All(All, p => Assert.Matches("^[a-z]+(-[a-z]+)*$", p.Slug));
        Assert.All(All, p => Assert.Matches("^[A-Z][A-Za-z -]+[A-Za-z]$", p.Title));
        Assert.All(All, p => Assert.InRange(p.Status, 400, 599));
    }

    /// <summary>A body that is made elsewhere could have a type that is not in the list.</summary>
    [Theory]
    [InlineData("new ProblemDetails(")]
    [InlineData("application/problem+json")]
    public void Problems_are_made_in_one_place(string code) => Assert.Equal(
        ["Answers.cs"],
        Repository.Sources("functions", "src/Pipeline.AzureFunctions")
            .Where(source => source.Value.Contains(code, StringComparison.Ordinal)).Select(source => Path.GetFileName(source.Key)));

    [Fact]
    public void No_type_is_made_outside_the_lists() =>
        Assert.DoesNotContain(Repository.Sources("functions", "src/Pipeline.AzureFunctions").Values, source => source.Contains("new ProblemType(", StringComparison.Ordinal));

    [Theory]
    [InlineData(typeof(ProblemTypes))]
    [InlineData(typeof(OperatorProblems))]
    [InlineData(typeof(WebhookProblems))]
    [InlineData(typeof(SampleProblems))]
    public void Every_type_is_in_its_list(Type list)
    {
        var types = list.GetProperties().Where(p => p.PropertyType == typeof(ProblemType)).Select(p => (ProblemType)p.GetValue(null)!).ToList();
        Assert.NotEmpty(types);
        Assert.Empty(types.Except(All));
    }

    [Fact]
    public void Every_refusal_of_a_service_has_a_type()
    {
        var codes = Repository.Sources("services").Values
            .SelectMany(source => Regex.Matches(source, @"\.Refuse\(\s*""(?<code>[^""]+)""").Select(m => m.Groups["code"].Value))
            .Where(code => code != "order-unknown") // Answered as not found.
            .ToList();
        Assert.True(codes.Count >= 3);
        Assert.All(codes, code => Assert.Equal(409, SampleProblems.All.Single(p => p.Slug == code).Status));
    }

    [Fact]
    public async Task The_type_of_a_problem_is_an_address_that_documents_it()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "get-problem-type,get-order");
        using var answer = await pipeline.Http.GetAsync("api/orders/unknown");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var documented = await pipeline.Http.GetFromJsonAsync<JsonElement>(problem.GetProperty("type").GetString());
        foreach (var name in new[] { "type", "title" })
            Assert.Equal(problem.GetProperty(name).GetString(), documented.GetProperty(name).GetString());
        Assert.Equal(ProblemTypes.NotFound.Description, documented.GetProperty("description").GetString());
        using var unknown = await pipeline.Http.GetAsync("api/problems/unheard-of");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
    }
}

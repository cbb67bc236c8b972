using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Functions;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Structure;

/// <summary>The problems of the HTTP API: one list, documented, and every answer is of it.</summary>
public sealed class ProblemTests
{
    [Fact]
    public void The_page_of_problems_lists_each_with_its_status_title_and_meaning() => Assert.Equal(
        ProblemTypes.All.Select(p => string.Create(CultureInfo.InvariantCulture, $"| `{p.Uri}` | {p.Status} | {p.Title} | {p.Description} |")),
        Repository.Text("docs/reference/problems.md").Split('\n').Where(line => line.StartsWith("| `/api/problems/", StringComparison.Ordinal)));

    [Fact]
    public void Slugs_are_unique_and_titles_are_plain()
    {
        Assert.True(ProblemTypes.All.Count > 40);
        Assert.Equal(ProblemTypes.All.Count, ProblemTypes.All.Select(p => p.Slug).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(ProblemTypes.All.Count, ProblemTypes.All.Select(p => p.Title).Distinct(StringComparer.Ordinal).Count());
        Assert.All(ProblemTypes.All, p => Assert.Matches("^[a-z]+(-[a-z]+)*$", p.Slug));
        Assert.All(ProblemTypes.All, p => Assert.Matches("^[A-Z][A-Za-z -]+[A-Za-z]$", p.Title));
        Assert.All(ProblemTypes.All, p => Assert.InRange(p.Status, 400, 599));
    }

    /// <summary>A type that is made elsewhere would not be in the list, nor would a body.</summary>
    [Theory]
    [InlineData("new ProblemType(", "ProblemTypes.cs")]
    [InlineData("new ProblemBody(", "Requests.cs")]
    [InlineData("application/problem+json", "Requests.cs")]
    public void Problems_are_made_in_one_place(string code, string file) => Assert.Equal(
        [Path.Combine("functions", file)],
        Repository.Sources("functions").Where(source => source.Value.Contains(code, StringComparison.Ordinal)).Select(source => source.Key));

    [Fact]
    public void Every_refusal_of_a_service_has_a_type()
    {
        var codes = Repository.Sources("services").Values
            .SelectMany(source => Regex.Matches(source, @"\.Refuse\(\s*""(?<code>[^""]+)""").Select(m => m.Groups["code"].Value))
            .Where(code => code != "order-unknown") // Answered as not found.
            .ToList();
        Assert.True(codes.Count >= 3);
        Assert.All(codes, code => Assert.Equal(409, ProblemTypes.OfRefusal(code).Status));
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

using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Tests;

/// <summary>A time by which something is selected is never guessed, wherever it is said.</summary>
public sealed class TimeTests : IAsyncLifetime
{
    private RunningPipeline _pipeline = null!;

    private HttpClient Http => _pipeline.Http;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync();

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Theory]
    [InlineData("api/dead-letters?from=01/12/2026", "from")]
    [InlineData("api/dead-letters?to=2026-12-01T10:00:00", "to")]
    [InlineData("api/dead-letters/groups?from=tomorrow", "from")]
    [InlineData("api/dead-letters?from=2026-12-01T24:00:00Z", "from")]
    [InlineData("api/activity?since=01/12/2026", "since")]
    [InlineData("api/activity?since=10:00", "since")]
    [InlineData("api/reports/01.12.2026", "01.12.2026")]
    public async Task A_time_that_could_be_another_is_refused_in_a_query(string path, string says)
    {
        using var answer = await Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api/replays", """{"from":"01/12/2026"}""", "$.from")]
    [InlineData("api/replays", """{"to":"2026-12-01T10:00:00"}""", "$.to")]
    [InlineData("api/replays", """{"to":20261201}""", "$.to")]
    [InlineData("api/dead-letters/discard", """{"before":"2026-12-01T10:00"}""", "$.before")]
    [InlineData("api/dead-letters/edit", """{"before":"Dec 1, 2026"}""", "$.before")]
    [InlineData("api/outbox/quarantined/release", """{"before":"2026-12-01 10:00:00Z"}""", "$.before")]
    public async Task A_time_that_could_be_another_is_refused_in_a_body(string path, string body, string at)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(path, content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("errors").GetProperty(at)[0].GetString();
        Assert.Contains("RFC 3339", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api/dead-letters?from=2026-12-01&to=2026-12-02T00:00:00%2B01:00")]
    [InlineData("api/dead-letters/groups?from=2026-12-01t00:00:00z")]
    public async Task A_date_and_any_time_of_the_RFC_are_taken(string path)
    {
        using var answer = await Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}

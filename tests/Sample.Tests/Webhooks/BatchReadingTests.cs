using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Pipeline.AzureFunctions.Webhooks;

namespace Pipeline.Tests.Webhooks;

/// <summary>A small body can hold very many events; what is read of them is bounded.</summary>
public sealed class BatchReadingTests
{
    [Fact]
    public void Of_a_batch_that_is_too_large_no_more_is_read_than_tells_so()
    {
        var webhook = new WebhookSource("carrier", "webhooks/carrier", [], FrozenSet<string>.Empty, FrozenSet<string>.Empty, isRetired: false);
        var body = System.Text.Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("1", 100_000)) + "]");
        Assert.Equal(WebhooksApi.MaxBatch + 1, CloudEventsOverHttp.Read(new DefaultHttpContext().Request, ContentMode.Batch, body, webhook).Count);
    }
}

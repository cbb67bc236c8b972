using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests.Conformance;

public sealed class ServiceBusConformanceRules : ServiceBusConformance
{
    [Theory]
    [InlineData("all", "order", "red", 10, true)]
    [InlineData("none", "order", "red", 10, false)]
    [InlineData("big", "order", "red", 6, true)]
    [InlineData("big", "order", "red", 5, false)]
    [InlineData("big", "Order", "red", 6, false)]
    [InlineData("unknown", "order", "red", 10, false)]
    [InlineData("correlated", "order", "red", 1, true)]
    [InlineData("correlated", "order", "Red", 1, false)]
    [InlineData("correlated", "other", "red", 1, false)]
    public async Task Subscription_takes_what_its_rule_says(string subscription, string subject, string color, int quantity, bool taken)
    {
        var receiver = await EmptySubscriptionAsync(subscription);
        var message = Order(subject, color, quantity);
        await SendAsync(Topic, message);
        if (taken)
            Assert.Equal(message.MessageId, (await ReceiveAsync(receiver)).MessageId);
        else
            await NothingComesAsync(receiver);
    }

    [Fact]
    public async Task Rules_without_action_share_a_copy_and_one_with_an_action_has_its_own()
    {
        var receiver = await EmptySubscriptionAsync("changed");
        await SendAsync(Topic, Order("order", "red", 10));
        ServiceBusReceivedMessage[] copies = [await ReceiveAsync(receiver), await ReceiveAsync(receiver)];
        await NothingComesAsync(receiver);

        var plain = Assert.Single(copies, c => c.Subject == "order");
        var changed = Assert.Single(copies, c => c.Subject == "changed");
        Assert.Equal((10, true), (Convert.ToInt32(plain.ApplicationProperties["quantity"], CultureInfo.InvariantCulture), plain.ApplicationProperties.ContainsKey("color")));
        Assert.Equal((5, false), (Convert.ToInt32(changed.ApplicationProperties["quantity"], CultureInfo.InvariantCulture), changed.ApplicationProperties.ContainsKey("color")));
        Assert.Equal("half", changed.ApplicationProperties["RuleName"]);
    }

    [Fact]
    public async Task Message_on_which_a_filter_fails_is_dead_lettered()
    {
        var deadLetters = await EmptySubscriptionAsync("broken", SubQueue.DeadLetter);
        var message = Order("order", "red", 10);
        await SendAsync(Topic, message);
        var dead = await ReceiveAsync(deadLetters);

        Assert.Equal((message.MessageId, "FilterException"), (dead.MessageId, dead.DeadLetterReason));
    }

    private static ServiceBusMessage Order(string subject, string color, int quantity) =>
        new("order") { MessageId = NewId(), Subject = subject, ApplicationProperties = { ["color"] = color, ["quantity"] = quantity } };
}

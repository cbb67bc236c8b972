using Pipeline.CloudEvents;
using Pipeline.Messages;

namespace Pipeline.Tests.Abstractions;

/// <summary>A message as handlers of several partitions get it.</summary>
public sealed class IncomingMessageTests
{
    [Fact]
    public void Its_names_are_as_long_as_those_of_any_event() => Assert.Equal(ReceivedEvent.MaxAttributeLength, IncomingMessage.MaxNameLength);

    [Fact]
    public void A_message_of_no_conversation_starts_one()
    {
        var message = new IncomingMessage { Id = "m-1", Source = "s", Type = "t" };
        Assert.Equal("m-1", message.CorrelationId);
        Assert.Equal("c-1", (message with { CorrelationId = "c-1" }).CorrelationId);
    }
}

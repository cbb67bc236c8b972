using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Decisions;
using Pipeline.Functions;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Payments;

namespace Pipeline.Tests;

/// <summary>Everything that a consumer needs is there; and what is not is told with what adds it.</summary>
public sealed class WiringTests
{
    private static readonly IReadOnlyList<TriggerFunction> Functions = TriggerFunction.In(typeof(Sample).Assembly);

    [Fact]
    public async Task Everything_that_the_consumers_need_is_there()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var errors = WiringCheck.ErrorsOf(
            Sample.Definition, Functions, [.. process.Services.GetServices<DryRunGateway>()], process.Services.GetRequiredService<IServiceProviderIsService>());
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    [Fact]
    public async Task The_start_ends_with_all_of_it()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var check = new WiringCheck(
            process.Services.GetRequiredService<PipelineBuilder>(), process.Services.GetRequiredService<ProblemCatalog>(), [],
            process.Services.GetRequiredService<IServiceProviderIsService>());
        var wrong = await Assert.ThrowsAsync<WiringException>(() => check.StartingAsync(default));
        Assert.All(Catalog.Consumers.SelectMany(c => c.Gateways).Distinct(), gateway => Assert.Contains(wrong.Errors, e => e.StartsWith($"'{gateway.Name}' ", StringComparison.Ordinal)));
        Assert.All(wrong.Errors, e => Assert.Contains("\n- " + e, wrong.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_record_or_a_consumer_that_is_not_in_the_catalogs_is_told_with_the_command()
    {
        var errors = UnlistedDefinitions.Errors(
            [.. ContractCatalog.All.Where(c => c.Name != "stock-held")], [.. Catalog.Consumers.Where(c => c.Name != "stock")]);
        AssertTold(
            ["'Pipeline.Contracts.Inventory.StockHeld' declares a message", "'Pipeline.Services.Inventory.SkuStock.Commands' defines a consumer"],
            [.. errors.Except(UnlistedDefinitions.Errors(ContractCatalog.All, Catalog.Consumers))]);
    }

    [Fact]
    public void A_trigger_a_dead_letter_trigger_or_a_relay_that_is_missing_is_told_with_the_command()
    {
        AssertTold(["'ordering/payments' has no function for messages in sessions"], Errors(functions: Without("ordering-payments")));
        AssertTold(["'ordering/analytics' has no function for messages"], Errors(functions: Without("ordering-analytics")));
        AssertTold(["'stock' has no function on its dead-letter queue"], Errors(functions: Without("stock-dead-letters")));
        AssertTold(["'notify' needs a function of its name for Event Grid"], Errors(functions: Without("notify")));
        AssertTold(["The service 'payments' has no relay"], Errors(functions: Without("relay-payments")));
        AssertTold(
            ["'ordering/payments' has no function for messages in sessions"],
            Errors(functions: [.. Functions.Select(f => f.Name == "ordering-payments" ? f with { HasSessions = false } : f)]));
    }

    [Fact]
    public void A_consumer_that_is_gone_leaves_an_entity_and_functions() => AssertTold(
        [
            "'payments/shipping' is in topology.json, but no consumer reads it",
            "The function 'payments-shipping' reads 'payments/shipping', which no consumer does",
            "The function 'payments-shipping-dead-letters' reads 'payments/shipping', which no consumer does",
        ],
        Errors(consumers: [.. Catalog.Consumers.Where(c => c.Name != "payments/shipping")]));

    [Fact]
    public void A_new_consumer_without_any_entity_or_container_is_told()
    {
        var consumer = Consumer.Of("shipping/payments", "refunds", Payment.Document).On<Pipeline.Contracts.Shipping.OrderShipped>((_, _, _) => Decision<Payment>.Nothing());
        AssertTold(
            [
                "'shipping/payments' has no subscription or queue in topology.json",
                "The service 'refunds' has no container in topology.json",
                "The service 'refunds' has no relay",
            ],
            Errors(consumers: [.. Catalog.Consumers, consumer]));
    }

    [Fact]
    public void A_handler_of_what_is_no_contract_or_does_not_get_there_is_told()
    {
        var consumer = Consumer.Of("payments/shipping", "shipping", Payment.Document)
            .On<string>((_, _, _) => Decision<Payment>.Nothing())
            .On<Pipeline.Contracts.Payments.PaymentFailed>((_, _, _) => Decision<Payment>.Nothing());
        var errors = Errors(consumers: [.. Catalog.Consumers.Where(c => c.Name != "payments/shipping"), consumer]);
        AssertTold(
            [
                "'payments/shipping' handles 'System.String', which is no contract; put [Event(\"",
                "'payments/shipping' gets 'com.contoso.payments.payment-charged.v1', but has no handler for it: add .On<PaymentCharged>(...)",
                "'payments/shipping' handles 'com.contoso.payments.payment-failed.v1', which topology.json does not bring there",
            ],
            errors);
    }

    [Fact]
    public void A_contract_without_a_topic_is_told() => AssertTold(
        ["'com.contoso.post.parcel.v1' goes to the topic 'nowhere'", "'com.contoso.post.weigh.v1' goes to the queue 'nobody'"],
        Errors(contracts:
        [
            .. ContractCatalog.All,
            new Contract<CodeGeneration.ParcelSent>("com.contoso.post.parcel.v1", ContractKind.DomainEvent, "nowhere", CodeGeneration.ParcelTestJson.Default.ParcelSent, "{parcelId}", e => e.ParcelId),
            new Contract<CodeGeneration.WeighParcel>("com.contoso.post.weigh.v1", ContractKind.Command, "nobody", CodeGeneration.ParcelTestJson.Default.WeighParcel, "{parcelId}", e => e.ParcelId),
        ]));

    [Fact]
    public void A_consumer_with_an_order_on_an_entity_without_sessions_is_told()
    {
        var ordered = Consumer.Of("ordering/analytics", "analytics", Payment.Document).On<Pipeline.Contracts.Ordering.OrderCompleted>((_, _, _) => Decision<Payment>.Nothing());
        AssertTold(
            ["'ordering/analytics' has no sessions in topology.json, so nothing keeps its order: call .Unordered()"],
            Errors(consumers: [.. Catalog.Consumers.Where(c => c.Name != ordered.Name), ordered]));
    }

    [Fact]
    public void A_gateway_that_is_not_registered_or_has_none_for_dry_runs_is_told_with_the_code()
    {
        AssertTold(["'inventory/payments' calls 'IPaymentGateway', which is not registered; add to AddPipeline: pipeline.AddGateway<IPaymentGateway>"], Errors(isRegistered: t => t != typeof(IPaymentGateway)));
        AssertTold(["'IPaymentGateway' has nothing that takes its place in a dry run; add it in AddPipeline: pipeline.AddGateway<IPaymentGateway>"], Errors(dryRun: t => t != typeof(IPaymentGateway)));
    }

    private static void AssertTold(string[] expected, IReadOnlyList<string> errors)
    {
        Assert.Equal(expected.Length, errors.Count);
        Assert.All(expected.Zip(errors), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.All(errors, e => Assert.True(e.Contains(ContractFiles.GenerateCommand, StringComparison.Ordinal) || e.Contains("pipeline.", StringComparison.Ordinal), e));
    }

    private static List<TriggerFunction> Without(string function) => [.. Functions.Where(f => f.Name != function)];

    private static IReadOnlyList<string> Errors(
        IReadOnlyList<Consumer>? consumers = null,
        IReadOnlyList<Contract>? contracts = null,
        IReadOnlyList<TriggerFunction>? functions = null,
        Func<Type, bool>? isRegistered = null,
        Func<Type, bool>? dryRun = null) => new Wiring(
            consumers ?? Catalog.Consumers, contracts ?? ContractCatalog.All, ContractCatalog.Topology, functions ?? Functions, isRegistered ?? (_ => true),
            [.. Catalog.Consumers.SelectMany(c => c.Gateways).Distinct().Where(dryRun ?? (_ => true))]).Errors();
}

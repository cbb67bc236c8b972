using System.CommandLine;
using Pipeline.Cli.Applications;
using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary><c>pipeline add</c>: writes the first version of an event, a service or a consumer, and all that follows from it.</summary>
internal static class AddCommand
{
    public static Command Create(CommandContext context) =>
        new("add", "Add an event, a service or a consumer to the application in the current folder: its files and, for a service or a consumer, all that 'generate' makes of them.")
        {
            Event(context), Service(context), Consumer(context),
        };

    private static Command Event(CommandContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The record, in the past tense: InvoicePaid." };
        var fields = new Argument<string[]>("FIELD")
        {
            Description = "Its fields as name:type, such as invoiceId:text. The first one is the subject, by which its events are ordered. Types: text, int, decimal, day, time, bool.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var service = new Option<string>("--service") { Description = "The service that publishes it: billing.", HelpName = "SERVICE", Required = true };
        var command = new Command("event", "Add an event: a record with limits on its fields. Narrow them, then run 'generate', which approves the event.") { name, fields, service };
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var workspace = Application.Required().Workspace;
            var contracts = await AppContracts.LoadAsync(null, context.Terminal, cancellationToken);
            var record = Names.Checked(parsed.GetRequiredValue(name), "InvoicePaid");
            if (contracts.Declared.Any(declared => declared.Name == record))
                throw new CliFailure($"There is a record '{record}' already. A new version of it is written by hand; the page 'Contracts' of the documentation says how.");
            var given = (parsed.GetValue(fields) ?? []).Select(NewField.Of).ToList();
            var addition = NewEvent.Of(workspace, contracts.All, record, Names.Kebab(parsed.GetRequiredValue(service)), given);
            return await new Writing(context.Terminal, workspace).RunAsync(addition, cancellationToken);
        }));
        return command;
    }

    private static Command Service(CommandContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The service: Collection." };
        var on = On();
        var command = new Command("service", "Add a service that handles an event: its state, handler and consumer, a query over HTTP, and a test.") { name, on };
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var workspace = Application.Required().Workspace;
            var contracts = await AppContracts.LoadAsync(null, context.Terminal, cancellationToken);
            var addition = NewService.Of(
                workspace, Names.Checked(parsed.GetRequiredValue(name), "Collection"), EventRecord.Find(contracts, parsed.GetRequiredValue(on)));
            return await new Writing(context.Terminal, workspace).RunAsync(addition, cancellationToken);
        }));
        return command;
    }

    private static Command Consumer(CommandContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The class with the handler: Reminder." };
        var on = On();
        var service = new Option<string>("--service") { Description = "The service whose state the handler changes: billing.", HelpName = "SERVICE", Required = true };
        var command = new Command("consumer", "Add a consumer of an event to a service that is there.") { name, on, service };
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var workspace = Application.Required().Workspace;
            var contracts = await AppContracts.LoadAsync(null, context.Terminal, cancellationToken);
            var handled = EventRecord.Find(contracts, parsed.GetRequiredValue(on));
            var states = await ServiceStates.ReadAsync(workspace, context.Terminal, cancellationToken);
            var addition = NewConsumer.Of(
                workspace, Names.Checked(parsed.GetRequiredValue(name), "Reminder"), Names.Kebab(parsed.GetRequiredValue(service)), handled, states);
            return await new Writing(context.Terminal, workspace).RunAsync(addition, cancellationToken);
        }));
        return command;
    }

    private static Option<string> On() => new("--on")
    {
        Description = "The event that it handles: its type, its name or its record, such as invoice-issued.",
        HelpName = "EVENT",
        Required = true,
    };

    private static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (GenerationException wrong)
        {
            throw new CliFailure(wrong.Message, wrong);
        }
    }
}

//! A WebAssembly module that counts the instructions it executes, made from one that does not.
//!
//! Code runs in stretches: from where execution can come in to where it can go elsewhere. At the beginning of each stretch a counter
//! goes up by the number of instructions in it. What is counted is what the original module executes: every instruction, those for
//! the control flow too, but no `else` and no `end`, which only mark places. Copying memory counts as one, whatever its length.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, Instruction, Module,
    ValType,
};
use wasmparser::{
    BinaryReaderError, ExportSectionReader, FunctionBody, GlobalSectionReader, Operator, Parser, Payload,
};

/// The name under which the module exports its counter, a mutable global of 64 bits.
pub const EXPORT: &str = "executed";

/// `module` with a counter.
///
/// # Errors
/// When it is no module, or has no global and no export, as every module that Rust makes has.
pub fn counting(module: &[u8]) -> Result<Vec<u8>, String> {
    let globals = globals(module).map_err(|error| error.to_string())?.ok_or("the module has no globals")?;
    let mut counter = Counter { global: globals, exported: false };
    let mut made = Module::new();
    counter.parse_core_module(&mut made, Parser::new(0), module).map_err(|error| error.to_string())?;
    if counter.exported { Ok(made.finish()) } else { Err("the module has no exports".to_owned()) }
}

/// How many globals a module has, imported ones included; `None` where it defines none.
fn globals(module: &[u8]) -> Result<Option<u32>, BinaryReaderError> {
    let (mut imported, mut defined) = (0, None);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, wasmparser::TypeRef::Global(_)));
                }
            }
            Payload::GlobalSection(globals) => defined = Some(globals.count()),
            _ => {}
        }
    }
    Ok(defined.map(|defined| imported + defined))
}

struct Counter {
    /// The index of the counter.
    global: u32,
    exported: bool,
}

impl Reencode for Counter {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_global_section(self, globals, section)?;
        globals.global(GlobalType { val_type: ValType::I64, mutable: true, shared: false }, &ConstExpr::i64_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(EXPORT, ExportKind::Global, self.global);
        self.exported = true;
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        let mut stretch = Stretch::default();
        while !operators.eof() {
            let operator = operators.read()?;
            let (counts, ends) = (counts(&operator), ends(&operator));
            stretch.push(self.instruction(operator)?, counts);
            if ends {
                std::mem::take(&mut stretch).write(&mut function, self.global);
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// Whether it is executed, and not only marks a place.
const fn counts(operator: &Operator<'_>) -> bool {
    !matches!(operator, Operator::End | Operator::Else)
}

/// Whether execution can go elsewhere after it, or come from elsewhere to what follows it.
const fn ends(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::Return
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::Unreachable
    )
}

/// Instructions that are executed one after the other.
#[derive(Default)]
struct Stretch<'module> {
    instructions: Vec<Instruction<'module>>,
    counted: i64,
}

impl<'module> Stretch<'module> {
    fn push(&mut self, instruction: Instruction<'module>, counts: bool) {
        self.instructions.push(instruction);
        self.counted += i64::from(counts);
    }

    fn write(self, function: &mut Function, counter: u32) {
        if self.counted > 0 {
            function.instruction(&Instruction::GlobalGet(counter));
            function.instruction(&Instruction::I64Const(self.counted));
            function.instruction(&Instruction::I64Add);
            function.instruction(&Instruction::GlobalSet(counter));
        }
        for instruction in &self.instructions {
            function.instruction(instruction);
        }
    }
}
